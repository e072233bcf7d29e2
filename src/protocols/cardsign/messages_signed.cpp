// What the platform signs, what merchants and manufacturers send.
#include "protocols/cardsign/messages_parts.hpp"

namespace tf::cardsign {
namespace {

constexpr std::string_view kDisplayLabel = "cardsign display";
constexpr std::string_view kResultLabel = "cardsign result";
constexpr std::int64_t kCounterMax = std::int64_t{1} << 62;

void write_secret(JsonWriter& writer, std::string_view name, const SecretBytes& secret) {
  std::string text = base64url(secret.reveal());
  writer.member(name, text);
  wipe(text.data(), text.size());
}

// 16 or 32 bytes: AES-128 or AES-256.
Result<SecretBytes> key_in(JsonObject& object, std::string_view name) {
  Bytes bytes = TF_TRY(object.base64url(name, 16, 32));
  SecretBytes out{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  if (out.size() != 16 && out.size() != 32) return Error{Code::malformed, "cardsign.key", "a key of a card is 16 or 32 bytes"};
  return out;
}

}  // namespace

std::string encode(const DisplayClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("label", kDisplayLabel).member("platform", claim.platform).member("user", claim.user).member("serial", claim.serial);
  writer.member("suite", name_of(claim.suite)).member("payment", base64url(claim.payment)).member("card_nonce", base64url(claim.card_nonce));
  writer.member("container", std::int64_t{claim.container}).member("counter", static_cast<std::int64_t>(claim.counter));
  return writer.end_object().take();
}

Result<DisplayClaim> decode_display_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  TF_CHECK(check_label(object, kDisplayLabel));
  DisplayClaim out{.platform = TF_TRY(platform_in(object)), .user = TF_TRY(user_in(object)), .serial = TF_TRY(serial_in(object))};
  out.suite = TF_TRY(parse_suite(TF_TRY(object.text("suite", 16))));
  out.payment = TF_TRY(object.base64url("payment", 1, apdu::kMaxPaymentStructure));
  out.card_nonce = TF_TRY(object.base64url<16>("card_nonce"));
  out.container = static_cast<std::uint8_t>(TF_TRY(object.integer("container", 0, 255)));
  out.counter = static_cast<std::uint64_t>(TF_TRY(object.integer("counter", 1, kCounterMax)));
  TF_CHECK(object.finish());
  return out;
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::approved: return "approved";
    case Outcome::declined: return "declined";
    case Outcome::reversed: return "reversed";
    case Outcome::pending: break;
  }
  return "pending";
}

Result<Outcome> parse_outcome(std::string_view name) {
  using enum Outcome;
  for (const Outcome outcome : {approved, declined, pending, reversed})
    if (name == name_of(outcome)) return outcome;
  return Error{Code::malformed, "cardsign.outcome", "not an outcome of a payment"};
}

std::string encode(const ResultClaim& claim) {
  JsonWriter writer;
  writer.begin_object().member("label", kResultLabel).member("platform", claim.platform).member("user", claim.user).member("serial", claim.serial);
  writer.member("digest", base64url(claim.digest)).member("transaction", claim.transaction).member("result", name_of(claim.outcome));
  writer.member("amount", claim.amount).member("currency", claim.currency).member("time", claim.time_ms);
  return writer.end_object().take();
}

Result<ResultClaim> decode_result_claim(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  TF_CHECK(check_label(object, kResultLabel));
  ResultClaim out{.platform = TF_TRY(platform_in(object)), .user = TF_TRY(user_in(object)), .serial = TF_TRY(serial_in(object))};
  out.digest = TF_TRY(object.base64url<32>("digest"));
  out.transaction = TF_TRY(object.text("transaction", 64));
  out.outcome = TF_TRY(parse_outcome(TF_TRY(object.text("result", 16))));
  out.amount = TF_TRY(object.integer("amount", 1, kAmountMax));
  out.currency = TF_TRY(parse_currency(TF_TRY(object.text("currency", 3))));
  out.time_ms = TF_TRY(object.integer("time", 0, kTimeMax));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const PlatformKeys& keys) {
  JsonWriter writer;
  writer.begin_object().member("platform", keys.platform).key("results").begin_array();
  for (const PublishedChain& one : keys.results) {
    writer.begin_object().member("kid", one.kid).key("x5c").begin_array();
    for (const Bytes& certificate : one.chain) writer.value(wire::base64(certificate));
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().take();
}

Result<PlatformKeys> decode_platform_keys(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  PlatformKeys out{TF_TRY(platform_in(object)), {}};
  for (JsonObject& one : TF_TRY(object.objects("results", 8))) {
    PublishedChain chain{TF_TRY(one.text("kid", 64)), {}};
    for (const std::string& certificate : TF_TRY(one.texts("x5c", kMaxChain, kMaxCertificate))) chain.chain.push_back(TF_TRY(wire::from_base64(certificate)));
    TF_CHECK(one.finish());
    if (chain.chain.empty()) return Error{Code::malformed, "cardsign.keys", "a chain has at least one certificate"};
    out.results.push_back(std::move(chain));
  }
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const OrderRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("merchant", request.merchant).member("order", request.order).member("amount", request.amount);
  writer.member("currency", request.currency).member("subject", request.subject);
  if (!request.user.empty()) writer.member("user", request.user);
  return writer.member("expires", request.expires_ms).end_object().take();
}

Result<OrderRequest> decode_order_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  OrderRequest out;
  out.merchant = TF_TRY(parse_merchant(TF_TRY(object.text("merchant", 15))));
  out.order = TF_TRY(parse_order(TF_TRY(object.text("order", 48))));
  out.amount = TF_TRY(object.integer("amount", 1, kAmountMax));
  out.currency = TF_TRY(parse_currency(TF_TRY(object.text("currency", 3))));
  out.subject = TF_TRY(parse_subject(TF_TRY(object.text("subject", kSubjectMax))));
  if (object.has("user")) out.user = TF_TRY(user_in(object));
  out.expires_ms = TF_TRY(object.integer("expires", 0, kTimeMax));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const OrderReply& reply) {
  return JsonWriter().begin_object().member("payment", reply.payment).member("page", reply.page).end_object().take();
}

Result<OrderReply> decode_order_reply(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  OrderReply out{TF_TRY(id_in(object, "payment")), TF_TRY(object.text("page", 256))};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const CardRecord& record) {
  JsonWriter writer;
  writer.begin_object().member("serial", record.serial).key("scp03").begin_object();
  write_secret(writer, "enc", record.enc);
  write_secret(writer, "mac", record.mac);
  write_secret(writer, "dek", record.dek);
  writer.end_object().key("ota").begin_object();
  write_secret(writer, "kic", record.kic);
  write_secret(writer, "kid", record.kid);
  writer.end_object();
  write_list(writer, "factory", record.factory);
  writer.member("channel", base64url(record.channel));
  if (!record.preset.empty()) write_list(writer, "preset", record.preset);
  std::string text = writer.end_object().take();
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

Result<CardRecord> decode_card_record(const SecretBytes& content) {
  auto object = TF_TRY(JsonObject::parse(as_text(content.reveal()), kLimits));
  CardRecord out;
  out.serial = TF_TRY(serial_in(object));
  auto scp03 = TF_TRY(object.object("scp03"));
  out.enc = TF_TRY(key_in(scp03, "enc"));
  out.mac = TF_TRY(key_in(scp03, "mac"));
  out.dek = TF_TRY(key_in(scp03, "dek"));
  TF_CHECK(scp03.finish());
  if (out.mac.size() != out.enc.size() || out.dek.size() != out.enc.size())
    return Error{Code::malformed, "cardsign.key", "the three SCP03 keys of a card are of one size"};
  auto ota = TF_TRY(object.object("ota"));
  out.kic = TF_TRY(key_in(ota, "kic"));
  out.kid = TF_TRY(key_in(ota, "kid"));
  TF_CHECK(ota.finish());
  out.factory = TF_TRY(chain_in(object, "factory"));
  out.channel = TF_TRY(object.base64url("channel", 1, kMaxCertificate));
  if (object.has("preset")) out.preset = TF_TRY(chain_in(object, "preset"));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::cardsign
