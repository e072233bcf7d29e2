// EST: enrolment codes.
#include "ca/certificate_authority.hpp"
#include "ca/est/codes.hpp"
#include "platform/admin/handlers.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kMostHours = 24 * 90;

void write(wire::JsonWriter& writer, const ca::EnrolmentCode& code) {
  writer.begin_object().member("name", code.name).member("label", code.profile).member("holder", code.holder);
  writer.member("subject", pki::subject_text(code.names)).member("state", ca::name_of(code.state)).member("approval", code.approval);
  writer.member("tries", code.tries).member("locked", code.tries >= ca::kMostTries).member("expires_ms", code.expires_ms);
  if (!code.serial_hex.empty()) writer.member("serial", code.serial_hex);
  writer.end_object();
}

Status check_profile_name(const Context& context, const std::string& name) {
  if (context.authority == nullptr) return Error{Code::unavailable, "pki.not_serving", "the certificate authority is not open in this process"};
  if (context.authority->profiles().contains(name)) return {};
  return Error{Code::not_found, "ca.no_such_profile", "there is no profile \"" + name + "\"; pki profiles lists them"};
}

HttpResponse done() {
  wire::JsonWriter writer;
  writer.begin_object().member("done", true).end_object();
  return json_reply(writer);
}

}  // namespace

Result<HttpResponse> est_code(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  ca::EnrolmentCode code{.name = {}, .profile = TF_TRY(body.text("label", 64)), .holder = TF_TRY(body.text("holder", 128)), .names = {}};
  const std::string subject = TF_TRY(body.text("subject", 1024));
  const auto alternative = body.has("alternative") ? TF_TRY(body.texts("alternative", 32, 255)) : std::vector<std::string>{};
  const std::int64_t hours = TF_TRY(body.integer("hours", 1, kMostHours));
  code.approval = TF_TRY(body.boolean("approval"));
  TF_CHECK(body.finish());
  TF_CHECK(check_profile_name(context, code.profile));
  code.names = TF_TRY(pki::parse_names(subject, alternative));
  const std::int64_t now_ms = context.clock.now_ms();
  code.expires_ms = now_ms + hours * 3'600'000;
  const ca::NewCode drawn = ca::draw_code(context.random);
  TF_CHECK(perform_act(context, {call.actor(), "est.code", drawn.name, R"({"label":")" + code.profile + "\"}"}, [&](store::Session& session) -> Status {
    TF_TRY(ca::make_code(session, code, drawn, now_ms));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().member("name", drawn.name).member("secret", as_text(drawn.secret.reveal())).member("expires_ms", code.expires_ms).end_object();
  return json_reply(writer);
}

Result<HttpResponse> est_codes(Context& context, const AdminCall&) {
  std::vector<ca::EnrolmentCode> all;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    all = TF_TRY(ca::list_codes(session));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("codes").begin_array();
  for (const ca::EnrolmentCode& code : all) write(writer, code);
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> est_approve(Context& context, const AdminCall& call) {
  TF_CHECK(perform_act(context, {call.actor(), "est.approve", call.words[0]}, [&](store::Session& session) { return ca::approve_code(session, call.words[0]); }));
  return done();
}

Result<HttpResponse> est_remove(Context& context, const AdminCall& call) {
  TF_CHECK(perform_act(context, {call.actor(), "est.remove", call.words[0]}, [&](store::Session& session) { return ca::remove_code(session, call.words[0]); }));
  return done();
}

}  // namespace tf::platform::admin
