#include "frontends/ewallet/messages.hpp"

#include <algorithm>
#include <optional>

#include "crypto/jose/rs256.hpp"
#include "frontends/amount.hpp"
#include "wire/encoding.hpp"

namespace tf::frontends::ewallet {
namespace {

Error shape(const char* why) { return Error{Code::malformed, "ewallet.response", why}; }
Error forged() { return Error{Code::refused, "ewallet.signature", "not signed by the gateway's key"}; }

bool is_base64(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
  });
}

bool is_signed(const crypto::PublicKey& key, std::string_view text, std::string_view signature) {
  const auto octets = wire::from_base64(signature);
  return octets && crypto::verify_rs256(key, as_bytes(text), *octets);
}

struct Envelope {
  std::string_view node;  // a JSON value, byte for byte
  std::string_view signature;
};

// Takes `"name":"base64"` off the end, if that is what stands there.
std::optional<std::string_view> take_last(std::string_view& text, std::string_view name) {
  const std::string opening = "\"" + std::string(name) + "\":\"";
  if (!text.ends_with('"')) return std::nullopt;
  const std::size_t at = text.rfind(opening);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(at + opening.size(), text.size() - at - opening.size() - 1);
  if (value.contains('"') || value.contains('\\')) return std::nullopt;
  text = text.substr(0, at);
  if (text.ends_with(',')) text.remove_suffix(1);
  return value;
}

// {"NODE":{…},"sign":"…"}, perhaps with "alipay_cert_sn" before sign; or sign first. A gateway writes it without spaces;
// another spelling is refused. Where the node is cut wrongly its signature does not verify.
Result<Envelope> cut(std::string_view body, const std::string& name) {
  const std::string opening = "\"" + name + "\":";
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
  if (!body.starts_with('{') || !body.ends_with('}')) return shape("no object");
  std::string_view inside = body.substr(1, body.size() - 2);
  Envelope out;
  if (inside.starts_with("\"sign\":\"")) {
    inside.remove_prefix(8);
    const std::size_t end = inside.find('"');
    if (end == std::string_view::npos) return shape("no end of sign");
    out.signature = inside.substr(0, end);
    inside.remove_prefix(end + 1);
    if (!inside.starts_with(',')) return shape("nothing after sign");
    inside.remove_prefix(1);
  } else {
    const auto signature = take_last(inside, "sign");
    if (!signature) return shape("it is not signed");
    out.signature = *signature;
    static_cast<void>(take_last(inside, "alipay_cert_sn"));
  }
  if (!inside.starts_with(opening)) return shape("the answer to another method");
  out.node = inside.substr(opening.size());
  if (!is_base64(out.signature) || !out.node.starts_with('{') || !out.node.ends_with('}')) return shape("no node or no signature");
  return out;
}

}  // namespace

std::string node_name(std::string_view method) {
  std::string out(method);
  std::ranges::replace(out, '.', '_');
  return out + "_response";
}

std::string signed_text(const Fields& fields, bool with_sign_type) {
  return with_sign_type ? joined(fields, {"sign"}, Empties::dropped) : joined(fields, {"sign", "sign_type"}, Empties::dropped);
}

Result<Fields> make_request(const Settings& settings, const std::string& method, const std::string& biz_content,
                            std::int64_t now_ms, bool notify, const Sign& sign) {
  Fields out{{"app_id", settings.app_id}, {"method", method},       {"format", "JSON"},
             {"charset", "utf-8"},        {"sign_type", "RSA2"},    {"timestamp", china_time(now_ms)},
             {"version", "1.0"},          {"biz_content", biz_content}};
  if (notify && !settings.notify_url.empty()) out["notify_url"] = settings.notify_url;
  out["sign"] = wire::base64(TF_TRY(sign(as_bytes(signed_text(out, settings.request_signs_type)))));
  return out;
}

Result<wire::JsonObject> open_response(std::string_view body, std::string_view method, const crypto::PublicKey& gateway_key) {
  const Envelope envelope = TF_TRY(cut(body, node_name(method)));
  if (!is_signed(gateway_key, envelope.node, envelope.signature)) return forged();
  return wire::JsonObject::parse(envelope.node);
}

Result<Fields> open_notification(std::string_view body, const Settings& settings) {
  Fields fields = TF_TRY(parse_form(body));
  if (value_of(fields, "sign_type") != "RSA2") return forged();
  if (!is_signed(settings.gateway_key, signed_text(fields, settings.notification_signs_type), value_of(fields, "sign")))
    return forged();
  return fields;
}

}  // namespace tf::frontends::ewallet
