#include "platform/rki/work_certificates.hpp"

#include <fmt/format.h>

#include "base/durations.hpp"
#include "pki/path/path.hpp"
#include "platform/ca/root_items.hpp"
#include "platform/rki/staples.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

constexpr wire::JsonLimits kLimits{.size = 256 * 1024, .depth = 4};
constexpr std::size_t kMostItems = 32;  // two work keys, the OCSP signer, every authority

Result<Bytes> bytes_in(JsonObject& object, std::string_view name) {
  return wire::from_base64(TF_TRY(object.text(name, 128 * 1024)));
}

Status expect_type(JsonObject& object, std::string_view type) {
  if (TF_TRY(object.text("type", 64)) == type) return {};
  return Error{Code::invalid, "work.file_type", "this file is no " + std::string(type)};
}

}  // namespace

std::string encode(const WorkRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("type", "trustferry-work-request").key("items").begin_array();
  for (const WorkRequestItem& item : request.items)
    writer.begin_object().member("kind", item.kind).member("key_name", item.key_name)
        .member("public_key", wire::base64(item.public_key)).end_object();
  writer.end_array().key("ranges").begin_array();
  for (const wire::DsnRange& range : request.ranges) writer.value(range.text());
  return writer.end_array().member("crl", wire::base64(request.crl)).end_object().take();
}

Result<WorkRequest> decode_work_request(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  TF_CHECK(expect_type(object, "trustferry-work-request"));
  WorkRequest out;
  for (JsonObject& item : TF_TRY(object.objects("items", kMostItems))) {
    out.items.push_back({TF_TRY(item.text("kind", 32)), TF_TRY(item.text("key_name", 64)), TF_TRY(bytes_in(item, "public_key"))});
    TF_CHECK(item.finish());
  }
  for (const std::string& range : TF_TRY(object.texts("ranges", 64, 80))) out.ranges.push_back(TF_TRY(wire::DsnRange::parse(range)));
  out.crl = TF_TRY(bytes_in(object, "crl"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const WorkAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("type", "trustferry-work-answer").key("items").begin_array();
  for (const WorkAnswerItem& item : answer.items)
    writer.begin_object().member("kind", item.kind).member("key_name", item.key_name)
        .member("certificate", wire::base64(item.certificate)).end_object();
  return writer.end_array().member("crl", wire::base64(answer.crl)).end_object().take();
}

Result<WorkAnswer> decode_work_answer(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  TF_CHECK(expect_type(object, "trustferry-work-answer"));
  WorkAnswer out;
  for (JsonObject& item : TF_TRY(object.objects("items", kMostItems))) {
    out.items.push_back({TF_TRY(item.text("kind", 32)), TF_TRY(item.text("key_name", 64)), TF_TRY(bytes_in(item, "certificate"))});
    TF_CHECK(item.finish());
  }
  out.crl = TF_TRY(bytes_in(object, "crl"));
  TF_CHECK(object.finish());
  return out;
}

Result<WorkAnswer> sign_work_request(const pki::Issuer& root, const WorkRequest& request, const RootSigning& how,
                                     std::int64_t now_ms, Random& random) {
  WorkAnswer out;
  for (const WorkRequestItem& item : request.items) {
    if (is_root_item(item.kind)) {
      const auto key = TF_TRY(crypto::PublicKey::from_spki(item.public_key));
      out.items.push_back({item.kind, item.key_name, TF_TRY(sign_root_item(root, item.kind, key, now_ms, random)).der()});
      continue;
    }
    if (item.kind != kind::work_classic && item.kind != kind::work_modern)
      return Error{Code::refused, "work.kind", "the root signs work certificates, issuing authorities and its OCSP signer, not \"" + item.kind + "\""};
    const auto key = TF_TRY(crypto::PublicKey::from_spki(item.public_key));
    const auto certificate = TF_TRY(pki::issue_work_certificate(root, item.key_name, key, request.ranges, {now_ms, how.work_days}, random));
    out.items.push_back({item.kind, item.key_name, certificate.der()});
  }
  const auto last = TF_TRY(pki::Crl::from_der(request.crl));
  TF_CHECK(last.verify(root.certificate, last.this_update_ms()));  // ours, however old
  std::vector<pki::Revoked> revoked = last.revoked();
  for (const std::string& serial : how.revoke) revoked.push_back({serial, pki::RevocationReason::unspecified, now_ms});
  out.crl = TF_TRY(pki::issue_crl(root, last.number() + 1, revoked, now_ms, now_ms + how.crl_days * kDayMs)).der();
  return out;
}

Result<WorkRequest> request_crl(Context& context, const std::string& actor) {
  TF_CHECK(perform_act(context, {actor, "work.request", "crl"}, [](store::Session&) -> Status { return {}; }));
  return WorkRequest{{}, {}, context.certificates.crl()};
}

Result<WorkRequest> request_authorities(Context& context, const std::string& actor) {
  const auto items = TF_TRY(request_missing_authorities(context));
  if (items.empty()) return Error{Code::conflict, "work.nothing_missing", "the platform has every authority of this version"};
  WorkRequest out{{}, {}, context.certificates.crl()};
  std::string kinds;
  for (const RootItem& item : items) {
    out.items.push_back({item.kind, item.key_name, item.public_key});
    kinds += (kinds.empty() ? "" : " ") + item.kind;
  }
  TF_CHECK(perform_act(context, {actor, "work.request", kinds}, [](store::Session&) -> Status { return {}; }));
  return out;
}

Result<WorkRequest> request_work_certificates(Context& context, const std::string& actor, const std::vector<wire::DsnRange>& ranges) {
  WorkRequest out{{}, ranges, context.certificates.crl()};
  if (ranges.empty()) {
    const auto now = TF_TRY(context.certificates.current(kind::work_modern));
    out.ranges = TF_TRY(now.certificate.dsn_ranges());
  }
  const std::int64_t stamp = context.clock.now_ms();
  struct Wanted {
    std::string_view kind;
    crypto::KeyKind key;
    vault::Purpose purpose;
  };
  for (const Wanted& wanted : {Wanted{kind::work_classic, crypto::KeyKind::rsa, vault::Purpose::decrypt},
                               Wanted{kind::work_modern, crypto::KeyKind::p256, vault::Purpose::sign}}) {
    const std::string name = fmt::format("rki.{}.{}", wanted.kind, stamp);
    const auto key = TF_TRY(context.vault.generate(name, wanted.key, 2048, wanted.purpose));
    out.items.push_back({std::string(wanted.kind), name, key.spki()});
  }
  for (RootItem& item : TF_TRY(request_root_items(context))) out.items.push_back({std::move(item.kind), std::move(item.key_name), std::move(item.public_key)});
  TF_CHECK(perform_act(context, {actor, "work.request", out.items.front().key_name}, [](store::Session&) -> Status { return {}; }));
  return out;
}

Status install_work_certificates(Context& context, const std::string& actor, const WorkAnswer& answer) {
  const OwnCertificate root = TF_TRY(context.certificates.current(kind::root));
  const auto crl = TF_TRY(pki::Crl::from_der(answer.crl));
  TF_CHECK(crl.verify(root.certificate, context.clock.now_ms()));
  if (const auto ours = context.certificates.current_crl(); ours && crl.number() <= ours->number())
    return Error{Code::conflict, "work.crl_older", "the answer's CRL is not newer than ours; make a new request"};
  std::vector<OwnCertificate> fresh;
  for (const WorkAnswerItem& item : answer.items) {
    const auto certificate = TF_TRY(pki::Certificate::from_der(item.certificate));
    if (TF_TRY(certificate.public_key()).spki() != TF_TRY(context.vault.public_key(item.key_name)).spki())
      return Error{Code::refused, "work.other_key", "the certificate of " + item.key_name + " is not for the key in the vault"};
    if (is_root_item(item.kind)) {
      TF_CHECK(check_root_item(item.kind, certificate, root.certificate, context.clock.now_ms()));
      if (crl.is_revoked(certificate)) return Error{Code::refused, "pki.revoked", "the certificate of " + item.key_name + " is on the root's list"};
      fresh.push_back({item.kind, item.key_name, certificate});
      continue;
    }
    const auto kind_of_key = TF_TRY(certificate.public_key()).kind();
    if (item.kind != (kind_of_key == crypto::KeyKind::rsa ? kind::work_classic : kind::work_modern))
      return Error{Code::refused, "work.kind", "a certificate for a key of another kind than \"" + item.kind + "\""};
    TF_CHECK(pki::validate_path({.leaf = certificate, .intermediates = {}, .anchors = {root.certificate}, .crl = crl, .require_crl = true,
                                 .at_ms = context.clock.now_ms(), .usage = pki::Usage::key_distribution_host}));
    fresh.push_back({item.kind, item.key_name, certificate});
  }
  TF_CHECK(perform_act(context, {actor, "work.install", std::to_string(answer.items.size()) + " certificates"}, [&](store::Session& session) -> Status {
    for (const OwnCertificate& own : fresh) TF_CHECK(insert_certificate(session, own.kind, own.key_name, own.certificate));
    return insert_crl(session, crl);
  }));
  TF_CHECK(context.certificates.reload(context.database));
  renew_staples(context);
  std::vector<std::string> kinds;
  for (const OwnCertificate& own : fresh) kinds.push_back(own.kind);
  return take_root_items(context, kinds);
}

}  // namespace tf::platform
