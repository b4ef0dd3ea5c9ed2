#include "cli/audit_sinks.h"

#include <thread>

#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/background.h"
#include "core/os/files.h"
#include "providers/sink/network_sinks.h"

namespace prodaccess {
namespace {

std::vector<SinkSettings> sinks_of(Context& context) {
  return read_audit_settings(context.config().audit).sinks;
}

std::unique_ptr<SinkTransport> webhook(const SinkSettings& sink, HttpClient& client,
                                       Context& context) {
  const auto content = context.files().read_secret(sink.secret_file);
  if (!content || trim(content->view()).empty()) {
    throw Error(ErrorCode::Config,
                "the sink " + sink.name + " has no secret in " + sink.secret_file);
  }
  const auto secret = std::make_shared<const Secret>(trim(content->view()));
  WebhookPlan plan;
  plan.url = sink.address;
  plan.ca_file = sink.ca_file;
  plan.timeout = sink.timeout;
  plan.sign = [secret, &context](const std::string& body) {
    return webhook_signature(secret->view(), context.clock().wall_now(), body);
  };
  return make_webhook_transport(client, std::move(plan));
}

std::unique_ptr<SinkTransport> transport_of(const SinkSettings& sink, HttpClient& client,
                                            Context& context) {
  if (sink.kind == SinkKind::Webhook) return webhook(sink, client, context);
  if (sink.address.compare(0, 6, "tls://") == 0) {
    return make_tls_transport(sink.address, sink.ca_file, sink.timeout);
  }
  return make_socket_transport(sink.address, sink.timeout);
}

constexpr auto kKeepTrying = std::chrono::minutes{10};

// Absent: it is taken.
std::unique_ptr<FileLock> take_turn(Context& context, const char* name, Milliseconds patience) {
  try {
    return context.files().lock(context.paths().state / "sinks" / name, patience);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Busy) throw;
    return nullptr;
  }
}

// Sends until all is sent or `give_up`, longer apart after each failure.
void forward_until(Context& context, std::chrono::steady_clock::time_point give_up) {
  while (true) {
    const WallTime now = context.clock().wall_now();
    Milliseconds wait{0};
    for (const SinkProgress& progress : forward_records(context, false)) {
      if (progress.error.empty()) continue;
      wait = std::max({wait, progress.next_try - now, Milliseconds{1000}});
    }
    if (wait == Milliseconds{0} || std::chrono::steady_clock::now() + wait > give_up) return;
    std::this_thread::sleep_for(wait);
  }
}

SinkRunner runner(Context& context) {
  return {context.files(), context.clock(), context.paths().ledger(), context.paths().state};
}

// Delivers what waits, to one sink after another over one HTTP client.
class Delivery {
 public:
  explicit Delivery(Context& context) : context_(context), sinks_(runner(context)) {}

  SinkProgress to(const SinkSettings& sink, bool now) {
    if (!client_) client_ = make_http_client();
    const auto transport = transport_of(sink, *client_, context_);
    return sinks_.run(sink, *transport, now);
  }
  // Why the sink does not have everything now; absent: it has.
  std::optional<std::string> refused_by(const SinkSettings& sink) {
    SinkProgress progress = to(sink, true);
    if (progress.behind == 0 && progress.error.empty()) return std::nullopt;
    return std::move(progress.error);
  }

 private:
  Context& context_;
  SinkRunner sinks_;
  std::unique_ptr<HttpClient> client_;
};

bool is_named(const std::vector<std::string>& names, const SinkSettings& sink) {
  return std::find(names.begin(), names.end(), sink.name) != names.end();
}

class RequiredSinksLedger final : public Ledger {
 public:
  RequiredSinksLedger(Context& context, std::unique_ptr<Ledger> inner)
      : context_(context), inner_(std::move(inner)) {}

  std::uint64_t append(const LedgerRecord& record, Durability durability) override {
    const std::uint64_t sequence = inner_->append(record, durability);
    if (record.kind != RecordKind::Intent) return sequence;
    try {
      forward_to_required(context_);
    } catch (const Error& error) {
      LedgerRecord failed;
      failed.kind = RecordKind::Failed;
      failed.session = record.session;
      failed.grant = record.grant;
      failed.role = record.role;
      failed.text = {{"stage", "sink"}, {"message", error.what()}};
      inner_->append(failed, Durability::Written);
      throw;
    }
    return sequence;
  }
  void sync() override { inner_->sync(); }
  const std::vector<OpenSession>& crashed() override { return inner_->crashed(); }
  void settled(const OpenSession& session) override { inner_->settled(session); }

 private:
  Context& context_;
  std::unique_ptr<Ledger> inner_;
};

}  // namespace

std::vector<SinkProgress> forward_records(Context& context, bool now) {
  Delivery delivery(context);
  std::vector<SinkProgress> all;
  for (const SinkSettings& sink : sinks_of(context)) {
    all.push_back(delivery.to(sink, now));
  }
  return all;
}

void start_forwarding(Context& context) {
  if (sinks_of(context).empty()) return;
  start_in_background([] {
    Context own(false);
    own.files().make_folder(own.paths().state / "sinks");
    auto waiting = take_turn(own, "waiting.lock", Milliseconds{0});
    if (!waiting) return;  // somebody will read the ledger after us
    const auto sending = take_turn(own, "sending.lock", 2 * Milliseconds(kKeepTrying));
    waiting.reset();
    if (sending) forward_until(own, std::chrono::steady_clock::now() + kKeepTrying);
  });
}

void forward_to_required(Context& context) {
  Delivery delivery(context);
  for (const SinkSettings& sink : sinks_of(context)) {
    if (!sink.required) continue;
    const auto refusal = delivery.refused_by(sink);
    if (!refusal) continue;
    throw Error(ErrorCode::Ledger,
                "the required sink " + sink.name + " did not take the record: " + *refusal,
                {"prodaccess audit forward --now"});
  }
}

std::unique_ptr<Ledger> with_required_sinks(Context& context, std::unique_ptr<Ledger> ledger) {
  const std::vector<SinkSettings> sinks = sinks_of(context);
  if (std::none_of(sinks.begin(), sinks.end(),
                   [](const SinkSettings& sink) { return sink.required; })) {
    return ledger;
  }
  return std::make_unique<RequiredSinksLedger>(context, std::move(ledger));
}

void require_sinks(Context& context, const std::vector<std::string>& names) {
  const std::vector<SinkSettings> sinks = sinks_of(context);
  for (const std::string& name : names) {
    const bool known = std::any_of(sinks.begin(), sinks.end(),
                                   [&name](const SinkSettings& sink) { return sink.name == name; });
    if (known) continue;
    throw Error(
        ErrorCode::Config,
        "an alert is to go to '" + escape_for_terminal(name) + "', and [audit] names no such sink",
        {"[[audit.sink]] name = \"" + escape_for_terminal(name) + "\"   in the configuration"});
  }
}

void send_alerts(Context& context, const std::vector<std::string>& names, AlertFailure failure) {
  if (names.empty()) return;
  require_sinks(context, names);
  Delivery delivery(context);
  for (const SinkSettings& sink : sinks_of(context)) {
    if (!is_named(names, sink)) continue;
    const auto refusal = delivery.refused_by(sink);
    if (!refusal) continue;
    const std::string trouble = "the sink " + sink.name + " did not take the alert";
    if (!sink.required && failure == AlertFailure::Warns) {
      warn("warning: " + trouble + ": " + *refusal);
      continue;
    }
    throw Error(ErrorCode::Ledger, trouble + "; nothing was done: " + *refusal,
                {"prodaccess audit forward --now   sends what waits"});
  }
}

std::vector<SinkProgress> sink_progress(Context& context) {
  if (!context.files().list(context.paths().ledger(), Owner::Me)) return {};  // nothing to send yet
  SinkRunner sinks = runner(context);
  std::vector<SinkProgress> all;
  for (const SinkSettings& sink : sinks_of(context)) {
    all.push_back(sinks.progress(sink));
  }
  return all;
}

std::string late_sink_text(const SinkProgress& sink) {
  std::string text = "the sink " + sink.name + " is " + std::to_string(sink.behind) +
                     (sink.behind == 1 ? " record" : " records") + " behind";
  if (sink.behind != 0) text += ", since " + format_rfc3339(sink.waiting_since);
  return sink.error.empty() ? text : text + ": " + sink.error;
}

}  // namespace prodaccess
