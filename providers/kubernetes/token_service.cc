#include "providers/kubernetes/token_service.h"

#include <optional>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "providers/kubernetes/exec_credential.h"
#include "providers/kubernetes/kubeconfig.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestAnswer = 64U << 10;
constexpr Milliseconds kPatience{10'000};

}  // namespace

TokenService::TokenService(const Place& place, const KubernetesParameters& cluster,
                           FreshCredential credential)
    : listener_(place.folder / "token.sock"),
      kubeconfig_(place.folder / "kubeconfig"),
      credential_(std::move(credential)) {
  place.files.write(kubeconfig_,
                    kubeconfig_text(cluster,
                                    {place.program.string(), "kubernetes", "exec-credential",
                                     "--socket", listener_.path().string()},
                                    kExecCredentialV1Beta1));
}

std::vector<std::pair<std::string, Secret>> TokenService::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("KUBECONFIG", Secret(kubeconfig_.string()));
  return variables;
}

bool TokenService::must_wait() const {
  return credential_.awaited() && !credential_.worth_giving();
}

std::vector<pollfd> TokenService::descriptors() const {
  std::vector<pollfd> wanted;
  if (accepting_ && !must_wait()) wanted.push_back({listener_.descriptor(), POLLIN, 0});
  if (const auto coming = credential_.descriptor()) wanted.push_back({*coming, POLLIN, 0});
  return wanted;
}

void TokenService::serve(const pollfd& ready) {
  if (ready.fd != listener_.descriptor()) {
    credential_.receive();
    return;
  }
  credential_.look_ahead();
  if (must_wait()) return;  // the caller keeps its place in the queue
  try {
    // A token fits into the empty buffer of a new socket: nobody has to be waited for.
    if (auto client = listener_.accept()) client->write_some(answer().view());
  } catch (const Error&) {
    accepting_ = false;  // out of descriptors: else the poll would wake again and again
  }
}

Secret TokenService::answer() const {
  const Credential& held = credential_.held();
  SecretText text;
  text.add(format_rfc3339(std::chrono::floor<std::chrono::seconds>(held.expires_at)));
  text.add(' ').add(held.field("token"));
  return text.take();
}

ServedToken fetch_served_token(const std::filesystem::path& socket) {
  const Secret answer = read_local_socket(socket, kLongestAnswer, kPatience);
  const std::size_t blank = answer.view().find(' ');
  const auto expires_at = parse_rfc3339(answer.view().substr(0, blank));
  if (blank == std::string_view::npos || !expires_at || blank + 1 == answer.size()) {
    throw Error(ErrorCode::NoGrant, "the run that this token belongs to has ended");
  }
  return {*expires_at, Secret(answer.view().substr(blank + 1))};
}

}  // namespace prodaccess
