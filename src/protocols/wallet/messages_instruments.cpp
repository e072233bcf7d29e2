#include "protocols/wallet/instruments.hpp"
#include "protocols/wallet/messages_parts.hpp"

namespace tf::wallet {
namespace {

constexpr std::string_view kClaimLabel = "wallet instruments";
constexpr std::string_view kContentLabel = "wallet instrument";
constexpr std::string_view kAnswerLabel = "wallet instruments answer";
constexpr std::size_t kMostViews = 64;

Result<InstrumentAct> act_in(JsonObject& object) {
  const std::string act = TF_TRY(object.text("act", 8));
  for (const auto known : {InstrumentAct::enrol, InstrumentAct::list, InstrumentAct::close})
    if (act == name_of(known)) return known;
  return Error{Code::malformed, "wallet.act", "an act is enrol, list or close"};
}

Result<std::string> wallet_in(JsonObject& object) {
  std::string out = TF_TRY(object.text("wallet", 16));
  if (out.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) return Error{Code::malformed, "wallet.kind", "a kind of wallet is 0 to 16 of a–z 0–9 -"};
  return out;
}

}  // namespace

std::string_view name_of(InstrumentAct act) {
  switch (act) {
    case InstrumentAct::enrol: return "enrol";
    case InstrumentAct::list: return "list";
    case InstrumentAct::close: break;
  }
  return "close";
}

std::string encode(const InstrumentClaim& claim) {
  JsonWriter writer;
  writer.begin_object();
  write_binding(writer, kClaimLabel, claim.binding);
  return writer.member("act", name_of(claim.act)).member("token", claim.token).member("sealed_hash", base64url(claim.sealed_hash)).end_object().take();
}

Result<InstrumentClaim> decode_instrument_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  InstrumentClaim out;
  out.binding = TF_TRY(binding_in(object, kClaimLabel));
  out.act = TF_TRY(act_in(object));
  out.token = TF_TRY(object.text("token", 64));
  out.sealed_hash = TF_TRY(object.base64url<32>("sealed_hash"));
  TF_CHECK(object.finish());
  if (out.act == InstrumentAct::close) TF_TRY(parse_instrument(out.token));
  return out;
}

std::string encode(const InstrumentRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("session", request.session).member("jws", request.jws).member("mac", base64url(request.mac));
  if (!request.sealed.empty()) writer.member("sealed", request.sealed);
  return writer.end_object().take();
}

Result<InstrumentRequest> decode_instrument_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  InstrumentRequest out;
  out.session = TF_TRY(id_in(object, "session"));
  out.jws = TF_TRY(object.text("jws", kMaxJose));
  out.mac = TF_TRY(object.base64url<32>("mac"));
  if (object.has("sealed")) out.sealed = TF_TRY(object.text("sealed", kMaxJose));
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode_instrument(const InstrumentOrder& order) {
  JsonWriter writer;
  writer.begin_object().member("label", kContentLabel).member("wallet", order.wallet);
  write_secret(writer, "number", order.number.reveal());
  writer.member("expiry", order.expiry).end_object();
  return secret_text(writer);
}

Result<InstrumentOrder> decode_instrument(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  TF_CHECK(check_label(object, kContentLabel));
  InstrumentOrder out{.act = InstrumentAct::enrol, .wallet = TF_TRY(wallet_in(object)), .number = TF_TRY(secret_in(object, "number", 1, 64)), .expiry = TF_TRY(object.text("expiry", 4)),
                      .token = {}};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode_instruments(const Hash256& request, const std::vector<InstrumentView>& instruments) {
  JsonWriter writer;
  writer.begin_object().member("label", kAnswerLabel).member("request", base64url(request)).key("instruments").begin_array();
  for (const InstrumentView& each : instruments) writer.begin_object().member("token", each.token).member("wallet", each.wallet).member("masked", each.masked).end_object();
  writer.end_array().end_object();
  return secret_text(writer);
}

Result<std::vector<InstrumentView>> decode_instruments(const SecretBytes& content, const Hash256& request) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  TF_CHECK(check_label(object, kAnswerLabel));
  if (TF_TRY(object.base64url<32>("request")) != request) return Error{Code::refused, "wallet.platform_answer", "the answer is to another request"};
  std::vector<InstrumentView> out;
  for (JsonObject& each : TF_TRY(object.objects("instruments", kMostViews))) {
    out.push_back({TF_TRY(parse_instrument(TF_TRY(each.text("token", 64)))), TF_TRY(wallet_in(each)), TF_TRY(each.text("masked", 128))});
    TF_CHECK(each.finish());
  }
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::wallet
