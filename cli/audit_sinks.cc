#include "cli/audit_sinks.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "providers/sink/network_sinks.h"

namespace prodaccess {
namespace {

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

SinkRunner runner(Context& context) {
  return {context.files(), context.clock(), context.paths().ledger(), context.paths().state};
}

}  // namespace

std::vector<SinkProgress> forward_records(Context& context, bool now) {
  const auto client = make_http_client();
  SinkRunner sinks = runner(context);
  std::vector<SinkProgress> all;
  for (const SinkSettings& sink : read_audit_settings(context.config().audit).sinks) {
    const auto transport = transport_of(sink, *client, context);
    all.push_back(sinks.run(sink, *transport, now));
  }
  return all;
}

void forward_to_required(Context& context) {
  std::unique_ptr<HttpClient> client;
  SinkRunner sinks = runner(context);
  for (const SinkSettings& sink : read_audit_settings(context.config().audit).sinks) {
    if (!sink.required) continue;
    if (!client) client = make_http_client();
    const auto transport = transport_of(sink, *client, context);
    const SinkProgress progress = sinks.run(sink, *transport, true);
    if (progress.behind == 0 && progress.error.empty()) continue;
    throw Error(ErrorCode::Ledger,
                "the required sink " + sink.name + " did not take the record: " + progress.error,
                {"prodaccess audit forward --now"});
  }
}

namespace {

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
  const std::vector<OpenSession>& crashed() const override { return inner_->crashed(); }

 private:
  Context& context_;
  std::unique_ptr<Ledger> inner_;
};

}  // namespace

std::unique_ptr<Ledger> with_required_sinks(Context& context, std::unique_ptr<Ledger> ledger) {
  const std::vector<SinkSettings> sinks = read_audit_settings(context.config().audit).sinks;
  if (std::none_of(sinks.begin(), sinks.end(),
                   [](const SinkSettings& sink) { return sink.required; })) {
    return ledger;
  }
  return std::make_unique<RequiredSinksLedger>(context, std::move(ledger));
}

std::vector<SinkProgress> sink_progress(Context& context) {
  SinkRunner sinks = runner(context);
  std::vector<SinkProgress> all;
  for (const SinkSettings& sink : read_audit_settings(context.config().audit).sinks) {
    all.push_back(sinks.progress(sink));
  }
  return all;
}

}  // namespace prodaccess
