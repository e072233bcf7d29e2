#include "pki/device/form.hpp"

#include <algorithm>
#include <memory>

#include "crypto/digest.hpp"
#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/extensions.hpp"
#include "pki/oids.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kPoint = 65;
constexpr std::size_t kKeyId = 20;
constexpr std::uint8_t kVersion3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};  // [0] EXPLICIT INTEGER 2
constexpr std::uint8_t kNoUnusedBits[] = {0x00};
constexpr std::uint8_t kCritical[] = {V_ASN1_BOOLEAN, 1, 0xff};
constexpr std::uint8_t kSerialNumber[] = {V_ASN1_OBJECT, 3, 0x55, 0x04, 0x05};  // id-at-serialNumber (X.520 §6.2.9)

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * list) const { sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free); }
};

// Whatever of octets there is at that place.
ByteView part_of(ByteView octets, std::size_t at) { return octets.subspan(std::min(at, octets.size())); }

// The extensions that all devices have in common, as build_issued() adds them, after an identifier of the key.
Status add_common(ExtensionTarget to, ByteView authority_key_id) {
  TF_CHECK(add_key_ids(to, Bytes(kKeyId), authority_key_id));
  TF_CHECK(add_basic_constraints(to, {}));
  TF_CHECK(add_key_usage(to, KU_DIGITAL_SIGNATURE));
  return add_usages(to, {Usage::device});
}

Bytes name_of(const wire::Dsn& dsn) {
  const Bytes text = tlv({V_ASN1_PRINTABLESTRING}, {as_bytes(dsn.text())});
  return tlv(kSequence, {tlv({V_ASN1_SET, V_ASN1_UNIVERSAL, true}, {tlv(kSequence, {kSerialNumber, text})})});
}

// dsn_ranges.hpp; critical
Bytes ranges_extension(const wire::Dsn& dsn) {
  static const Bytes kind = der_of<i2d_ASN1_OBJECT>(oid::dsn_ranges());
  const Bytes text = tlv({V_ASN1_UTF8STRING}, {as_bytes(dsn.text())});
  return tlv(kSequence, {kind, kCritical, tlv({V_ASN1_OCTET_STRING}, {tlv(kSequence, {tlv(kSequence, {text, text})})})});
}

// A value that is encoded as all of der.
template <class T, auto D2i, auto Free>
crypto::Handle<T, Free> value_of(ByteView der) {
  const std::uint8_t* at = der.data();
  crypto::Handle<T, Free> out(der.empty() ? nullptr : D2i(nullptr, &at, static_cast<long>(der.size())));
  if (!out) ERR_clear_error();
  if (out && at != der.data() + der.size()) out.reset();
  return out;
}

std::optional<std::int64_t> time_in(ByteView der) {
  const auto value = value_of<ASN1_TIME, d2i_ASN1_TIME, ASN1_TIME_free>(der);
  if (!value) return std::nullopt;
  const auto ms = ms_of(value.get());
  return ms ? std::optional(*ms) : std::nullopt;
}

}  // namespace

// What one certificate has for itself.
struct DeviceForm::Own {
  ByteView serial;    // with its header
  ByteView validity;  // with its header
  ByteView point;
  ByteView signature;  // without
};

std::optional<DeviceForm> DeviceForm::of(const Certificate& loader) {
  const Facts& facts = loader.facts();
  if (!facts.key || facts.key->kind() != crypto::KeyKind::p256 || facts.common_name.empty()) return std::nullopt;
  STACK_OF(X509_EXTENSION)* list = nullptr;
  const Status added = add_common(list, facts.subject_key_id);
  const std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions> extensions(list);
  if (!added) return std::nullopt;
  DeviceForm out;
  out.before_key_id_ = der_of<i2d_X509_EXTENSION>(sk_X509_EXTENSION_value(list, 0));
  if (out.before_key_id_.size() < kKeyId) return std::nullopt;
  out.before_key_id_.resize(out.before_key_id_.size() - kKeyId);
  for (int i = 1; i < sk_X509_EXTENSION_num(list); ++i) append(out.after_key_id_, der_of<i2d_X509_EXTENSION>(sk_X509_EXTENSION_value(list, i)));
  out.algorithm_ = der_of<i2d_X509_ALGOR>(signature_algorithm(crypto::KeyKind::p256));
  out.algorithm_and_issuer_ = out.algorithm_;
  append(out.algorithm_and_issuer_, der_of<i2d_X509_NAME>(X509_get_subject_name(loader.native())));
  out.key_algorithm_ = der_of<i2d_X509_ALGOR>(key_algorithm(crypto::KeyKind::p256));
  out.authority_key_id_ = facts.subject_key_id;
  return out;
}

Bytes DeviceForm::written(const Own& own, const wire::Dsn& dsn) const {
  const Hash256 id = crypto::sha256(own.point);
  const Bytes extensions = tlv(kSequence, {before_key_id_, ByteView(id).first(kKeyId), after_key_id_, ranges_extension(dsn)});
  const Bytes key = tlv(kSequence, {key_algorithm_, tlv({V_ASN1_BIT_STRING}, {kNoUnusedBits, own.point})});
  const Bytes tbs = tlv(kSequence, {kVersion3, own.serial, algorithm_and_issuer_, own.validity, name_of(dsn), key, tlv(explicit_tag(3), {extensions})});
  return tlv(kSequence, {tbs, algorithm_, tlv({V_ASN1_BIT_STRING}, {kNoUnusedBits, own.signature})});
}

std::optional<DeviceForm::Read> DeviceForm::read(ByteView der, const wire::Dsn& dsn) const {
  const ByteView parts = first_element(der, true);
  const ByteView tbs = first_element(parts, false);
  const ByteView fields = first_element(tbs, true);
  Own own;
  std::size_t at = std::size(kVersion3);
  own.serial = first_element(part_of(fields, at), false);
  at += own.serial.size() + algorithm_and_issuer_.size();
  own.validity = first_element(part_of(fields, at), false);
  at += own.validity.size() + first_element(part_of(fields, at + own.validity.size()), false).size();  // the subject
  const ByteView key = first_element(part_of(fields, at), false);
  own.point = key.last(std::min(key.size(), kPoint));
  own.signature = part_of(first_element(part_of(parts, tbs.size() + algorithm_.size()), true), std::size(kNoUnusedBits));
  if (!std::ranges::equal(written(own, dsn), der)) return std::nullopt;

  const auto serial = value_of<ASN1_INTEGER, d2i_ASN1_INTEGER, ASN1_INTEGER_free>(own.serial);
  auto serial_hex = serial_hex_of(serial.get());
  const ByteView times = first_element(own.validity, true);
  const ByteView from = first_element(times, false);
  const auto not_before = time_in(from), not_after = time_in(part_of(times, from.size()));
  auto point = crypto::PublicKey::from_point(own.point);
  auto only = wire::DsnRange::make(dsn, dsn);
  if (!serial_hex || !not_before || !not_after || !point || !only) return std::nullopt;
  const Hash256 id = crypto::sha256(own.point);
  Facts facts{.serial_hex = std::move(*serial_hex), .common_name = {}, .subject_serial_number = dsn.text(), .not_before_ms = *not_before, .not_after_ms = *not_after,
              .key = std::move(*point), .acceptable_signature = true, .path_length = {}, .key_usage = KU_DIGITAL_SIGNATURE, .usages = {Usage::device},
              .has_dsn_ranges = true,
              .dsn_ranges = std::vector{std::move(*only)}, .statement = {}, .subject_key_id = Bytes(id.begin(), id.begin() + kKeyId),
              .authority_key_id = authority_key_id_};
  return Read{std::move(facts), tbs, own.signature};
}

}  // namespace tf::pki
