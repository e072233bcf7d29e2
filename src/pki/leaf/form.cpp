#include "pki/leaf/form.hpp"

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/build.hpp"
#include "pki/extensions.hpp"
#include "pki/leaf/names.hpp"
#include "pki/leaf/parts.hpp"
#include "pki/lint/outline.hpp"
#include "pki/profile/words.hpp"
#include "wire/encoding.hpp"

namespace tf::pki {
namespace {

constexpr std::int64_t kYear2050Ms = 2'524'608'000'000, kYear10000Ms = 253'402'300'800'000;
constexpr std::uint8_t kKeyId[] = {V_ASN1_OBJECT, 3, 0x55, 0x1d, 0x0e};  // id-ce-subjectKeyIdentifier
constexpr std::uint8_t kList[] = {V_ASN1_OBJECT, 3, 0x55, 0x1d, 0x1f};   // id-ce-cRLDistributionPoints
constexpr std::string_view kPrintable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
constexpr std::size_t kMostText = 64;  // the least of the bounds of RFC 5280 §A.1 for what is below
constexpr std::string_view kSample = "sample";

// What is written as OpenSSL writes it by a rule as short as this one.
struct Usual {
  std::string_view word;
  int nid;
  int type;
  std::array<std::uint8_t, 5> identifier;
};
constexpr Usual kUsual[] = {{"commonName", NID_commonName, V_ASN1_UTF8STRING, {V_ASN1_OBJECT, 3, 0x55, 0x04, 0x03}},
                            {"serialNumber", NID_serialNumber, V_ASN1_PRINTABLESTRING, {V_ASN1_OBJECT, 3, 0x55, 0x04, 0x05}},
                            {"organizationName", NID_organizationName, V_ASN1_UTF8STRING, {V_ASN1_OBJECT, 3, 0x55, 0x04, 0x0a}},
                            {"organizationalUnitName", NID_organizationalUnitName, V_ASN1_UTF8STRING, {V_ASN1_OBJECT, 3, 0x55, 0x04, 0x0b}}};

const Usual* usual(std::string_view word, std::string_view text) {
  const auto found = std::ranges::find(kUsual, word, &Usual::word);
  if (found == std::end(kUsual) || text.empty() || text.size() > kMostText) return nullptr;
  if (found->type == V_ASN1_PRINTABLESTRING) return text.find_first_not_of(kPrintable) == std::string_view::npos ? found : nullptr;
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }) ? found : nullptr;
}

bool are_usual(const Names& names) {
  return !names.subject.empty() && names.alternative.empty() &&
         std::ranges::all_of(names.subject, [](const auto& one) { return usual(one.first, one.second) != nullptr; });
}

// RDNSequence of one attribute each; values gets what it says.
Bytes subject_of(const Names& names, LeafValues& values) {
  constexpr Tag kSet{V_ASN1_SET, V_ASN1_UNIVERSAL, true};
  Bytes out;
  for (const auto& [word, text] : names.subject) {
    const Usual& as = *usual(word, text);
    append(out, tlv(kSet, {tlv(kSequence, {as.identifier, tlv({as.type}, {as_bytes(text)})})}));
    values.subject.push_back({as.nid, as.type, text});
  }
  return tlv(kSequence, {out});
}

Bytes time_of(std::int64_t ms, LeafValues::Time& value) {
  const auto text = time_text(ms);
  const ByteView digits = text;
  const auto number = [&text](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  value = {.ms = ms, .year = number(0) * 100 + number(2), .utc_time = ms < kYear2050Ms};
  return value.utc_time ? tlv({V_ASN1_UTCTIME}, {digits.subspan(2)}) : tlv({V_ASN1_GENERALIZEDTIME}, {digits});
}

Bytes extension(ByteView identifier, ByteView value) { return tlv(kSequence, {identifier, tlv({V_ASN1_OCTET_STRING}, {value})}); }

// The same again and again: two samples with it are alike.
struct Fixed final : Random {
  void fill(MutableByteView out) override { std::ranges::fill(out, std::uint8_t{0x5a}); }
};

}  // namespace

LeafForm LeafForm::make(Profile profile, Certificate issuer, RevocationPlaces places, std::int64_t now_ms) {
  LeafForm out(std::move(profile), std::move(issuer), std::move(places));
  out.parts_ = out.prepared(now_ms);
  return out;
}

LeafPlan LeafForm::plan(const Names& names, const crypto::PublicKey& key, std::int64_t now_ms, int days) const {
  return {.profile = profile_, .names = names, .key = key, .issuer = issuer_, .places = places_, .now_ms = now_ms, .days = days};
}

// The sample is taken apart, and counts when it comes out again as it went in.
std::optional<LeafForm::Parts> LeafForm::prepared(std::int64_t now_ms) const {
  Names names;
  for (const int nid : profile_.subject.required) names.subject.emplace_back(words::attribute_text(nid), kSample);
  if (names.subject.empty()) names.subject.emplace_back("commonName", kSample);
  if (!are_usual(names)) return std::nullopt;
  const crypto::PublicKey key = crypto::PrivateKey::generate_p256().public_key();
  const LeafPlan sample = plan(names, key, now_ms, 0);
  Fixed random;
  const auto leaf = build_leaf(sample, random);
  if (!leaf) return std::nullopt;
  const auto fields = elements_of(first_element(leaf->tbs, true));
  if (fields.size() != 8) return std::nullopt;
  Parts out{.issuer_kind = leaf->issuer_kind, .version = to_bytes(fields[0]), .algorithm_and_issuer = to_bytes(fields[2]), .before_key_id = {}, .before_list = {}, .after_list = {}};
  append(out.algorithm_and_issuer, fields[3]);
  Bytes* to = &out.before_key_id;
  for (const ByteView one : elements_of(first_element(first_element(fields[7], true), true))) {
    const ByteView identifier = first_element(first_element(one, true), false);
    if (std::ranges::equal(identifier, kKeyId))
      to = &out.before_list;
    else if (std::ranges::equal(identifier, kList))
      to = &out.after_list;
    else
      append(*to, one);
  }
  const auto again = compose(out, sample, random);
  if (!again || again->tbs != leaf->tbs) return std::nullopt;
  return out;
}

Result<UnsignedLeaf> LeafForm::build(const Names& names, const crypto::PublicKey& key, std::int64_t now_ms, int days, Random& random) const {
  const LeafPlan wanted = plan(names, key, now_ms, days);
  const bool of_this_kind = parts_ && key.kind() == crypto::KeyKind::p256 && are_usual(names) && now_ms >= 0 && issuer_.not_after_ms() < kYear10000Ms;
  return of_this_kind ? compose(*parts_, wanted, random) : build_leaf(wanted, random);
}

Result<UnsignedLeaf> LeafForm::compose(const Parts& parts, const LeafPlan& plan, Random& random) const {
  TF_CHECK(check_key(plan));
  TF_CHECK(check_names(plan.names, plan.profile));
  UnsignedLeaf leaf;
  LeafValues values;
  leaf.issuer_kind = parts.issuer_kind;
  leaf.spki = plan.key.spki();
  const ByteArray<16> number = random_serial_octets(random);
  constexpr std::uint8_t kPositive = 0;
  const Bytes serial = tlv({V_ASN1_INTEGER}, {ByteView(&kPositive, number[0] >> 7), number});
  leaf.serial_hex = wire::hex_upper(number);
  values.serial = number;
  const Bytes subject = subject_of(plan.names, values);
  TF_CHECK(set_validity(plan, leaf));
  const Bytes from = time_of(leaf.not_before_ms, values.not_before), until = time_of(leaf.not_after_ms, values.not_after);
  const Bytes key_id = extension(kKeyId, tlv({V_ASN1_OCTET_STRING}, {key_id_of(leaf.spki)}));
  const Shard shard = TF_TRY(shard_for(leaf.serial_hex, plan.places.crl_pattern, plan.places.shards));
  leaf.shard = shard.index;
  const Bytes list = plan.profile.crl_distribution_point ? extension(kList, TF_TRY(crl_distribution_point(shard.url))) : Bytes();
  TF_CHECK(refuse_errors(lint_values(values, plan.issuer, plan.profile, plan.now_ms)));
  const Bytes extensions = tlv(kSequence, {parts.before_key_id, key_id, parts.before_list, list, parts.after_list});
  leaf.tbs = tlv(kSequence, {parts.version, serial, parts.algorithm_and_issuer, tlv(kSequence, {from, until}), subject, leaf.spki, tlv(explicit_tag(3), {extensions})});
  return leaf;
}

}  // namespace tf::pki
