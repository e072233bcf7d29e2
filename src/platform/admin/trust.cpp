// Batches, operators, work certificates, status.
#include "platform/admin/handlers.hpp"
#include "platform/rki/batches.hpp"
#include "platform/estate.hpp"
#include "platform/admin/operators.hpp"
#include "platform/rki/work_certificates.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

void write_vault(wire::JsonWriter& writer, const vault::VaultState& state) {
  writer.key("vault").begin_object().member("sealed", state.sealed).member("memory_locked", state.memory.locked);
  writer.member("not_dumped", state.memory.not_dumped);
  if (!state.memory.why.empty()) writer.member("why", state.memory.why);
  writer.end_object();
}

}  // namespace

Result<HttpResponse> batches_list(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("batches").begin_array();
  for (const BatchRecord& batch : TF_TRY(list_batches(context))) {
    writer.begin_object().member("batch", batch.id).member("range", batch.range.text()).member("loader", batch.loader);
    writer.member("issued_at_ms", batch.issued_at_ms).end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> batches_issue(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const std::string id = TF_TRY(body.text("batch", 64));
  const auto range = TF_TRY(wire::DsnRange::parse(TF_TRY(body.text("range", 80))));
  const auto suites = TF_TRY(rki::SuitePolicy::parse(TF_TRY(body.text("suites", 32))));
  const std::string request = TF_TRY(body.text("loader_request", 16 * 1024));
  TF_CHECK(body.finish());
  if (id.empty()) return Error{Code::invalid, "admin.batch", "a batch has a name"};
  const std::string package = TF_TRY(issue_batch(context, call.actor(), id, range, suites, request));
  wire::JsonWriter writer;
  writer.begin_object().member("batch", id).member("package", package).end_object();
  return json_reply(writer);
}

Result<HttpResponse> batches_log(Context& context, const AdminCall& call) {
  if (call.request.content_type != "application/jose")
    return Error{Code::invalid, "admin.content_type", "a loader's log is sent as application/jose"};
  const LogImport imported = TF_TRY(import_loader_log(context, call.actor(), call.words[0], call.request.body));
  wire::JsonWriter writer;
  writer.begin_object().member("personalised", imported.personalised).member("unknown", imported.unknown).end_object();
  return json_reply(writer);
}

Result<HttpResponse> operators_list(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("operators").begin_array();
  for (const OperatorRecord& record : TF_TRY(list_operators(context))) {
    writer.begin_object().member("name", record.who.name).member("role", name_of(record.who.role));
    writer.member("fingerprint", record.fingerprint).member("revoked", record.revoked).end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> operators_enrol(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const std::string name = TF_TRY(body.text("name", 64));
  const Role role = TF_TRY(parse_role(TF_TRY(body.text("role", 16))));
  const Bytes request = TF_TRY(wire::from_base64(TF_TRY(body.text("request", 8192))));
  TF_CHECK(body.finish());
  const Bytes certificate = TF_TRY(enrol_operator(context, call.actor(), {name, role}, request));
  wire::JsonWriter writer;
  writer.begin_object().member("name", name).member("certificate", wire::base64(certificate)).end_object();
  return json_reply(writer);
}

Result<HttpResponse> operators_renew(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const Bytes request = TF_TRY(wire::from_base64(TF_TRY(body.text("request", 8192))));
  TF_CHECK(body.finish());
  const Bytes certificate = TF_TRY(renew_operator(context, call.caller, request));
  wire::JsonWriter writer;
  writer.begin_object().member("name", call.caller.name).member("certificate", wire::base64(certificate)).end_object();
  return json_reply(writer);
}

Result<HttpResponse> operators_revoke(Context& context, const AdminCall& call) {
  TF_CHECK(revoke_operator(context, call.actor(), call.words[0]));
  return operators_list(context, call);
}

Result<HttpResponse> work_request(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  std::vector<wire::DsnRange> ranges;
  const bool crl_only = body.has("crl_only") && TF_TRY(body.boolean("crl_only"));
  const bool authorities_only = body.has("authorities_only") && TF_TRY(body.boolean("authorities_only"));
  if (body.has("ranges"))
    for (const std::string& text : TF_TRY(body.texts("ranges", 64, 80))) ranges.push_back(TF_TRY(wire::DsnRange::parse(text)));
  TF_CHECK(body.finish());
  if (crl_only && !ranges.empty()) return Error{Code::invalid, "work.crl_only", "a request for the CRL alone names no ranges"};
  if (authorities_only && (crl_only || !ranges.empty())) return Error{Code::invalid, "work.authorities_only", "a request for missing authorities alone asks for nothing else"};
  if (authorities_only) return HttpResponse{.status = 200, .body = encode(TF_TRY(request_authorities(context, call.actor()))), .headers = {}};
  if (crl_only) return HttpResponse{.status = 200, .body = encode(TF_TRY(request_crl(context, call.actor()))), .headers = {}};
  return HttpResponse{.status = 200, .body = encode(TF_TRY(request_work_certificates(context, call.actor(), ranges))), .headers = {}};
}

Result<HttpResponse> work_install(Context& context, const AdminCall& call) {
  const WorkAnswer answer = TF_TRY(decode_work_answer(call.request.body));
  TF_CHECK(install_work_certificates(context, call.actor(), answer));
  return status(context, call);
}

Result<HttpResponse> status(Context& context, const AdminCall&) {
  const EstateCounts counts = TF_TRY(count_estate(context));
  const audit::Tail tail = context.trail.committed();
  wire::JsonWriter writer;
  writer.begin_object().key("estate").begin_object().member("terminals", counts.terminals);
  writer.member("completed", counts.completed).member("denied", counts.denied).member("active_keys", counts.active_keys).end_object();
  writer.key("audit").begin_object().member("entries", tail.seq).member("hash", wire::hex_lower(tail.hash));
  writer.member("checkpointed", context.trail.checkpointed_seq()).end_object();
  write_vault(writer, context.vault.state());
  writer.key("certificates").begin_array();
  for (const OwnCertificate& own : context.certificates.all()) {
    writer.begin_object().member("kind", own.kind).member("serial", own.certificate.serial_hex());
    writer.member("not_after_ms", own.certificate.not_after_ms()).end_object();
  }
  writer.end_array();
  if (const auto crl = context.certificates.current_crl()) writer.member("crl_next_update_ms", crl->next_update_ms());
  writer.end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
