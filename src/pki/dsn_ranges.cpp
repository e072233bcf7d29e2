#include "pki/dsn_ranges.hpp"

#include <openssl/asn1t.h>

#include <algorithm>

#include "pki/asn1.hpp"

namespace tf::pki {
namespace {

struct RangeAsn1 {
  ASN1_UTF8STRING* from;
  ASN1_UTF8STRING* to;
};
DEFINE_STACK_OF(RangeAsn1)
using RangesAsn1 = STACK_OF(RangeAsn1);

ASN1_SEQUENCE(RangeAsn1) = {
    ASN1_SIMPLE(RangeAsn1, from, ASN1_UTF8STRING),
    ASN1_SIMPLE(RangeAsn1, to, ASN1_UTF8STRING),
} static_ASN1_SEQUENCE_END(RangeAsn1)

ASN1_ITEM_TEMPLATE(RangesAsn1) = ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SEQUENCE_OF, 0, ranges, RangeAsn1)
static_ASN1_ITEM_TEMPLATE_END(RangesAsn1)

void free_ranges(RangesAsn1* ranges) {
  ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(ranges), ASN1_ITEM_rptr(RangesAsn1));
}
using RangesHandle = crypto::Handle<RangesAsn1, free_ranges>;

// 64 ranges of two DSNs of 32 characters, with their tags and lengths.
constexpr std::size_t kMaxRanges = kMaxDsnRanges * (2 * (32 + 2) + 2) + 4;

Bytes encoded(const RangesAsn1* ranges) {
  std::uint8_t* der = nullptr;
  const int size = ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(ranges), &der, ASN1_ITEM_rptr(RangesAsn1));
  crypto::must(size > 0, "DSN ranges");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

void set(ASN1_UTF8STRING* string, const wire::Dsn& dsn) {
  crypto::must(ASN1_STRING_set(string, dsn.text().data(), static_cast<int>(dsn.text().size())) == 1, "DSN ranges");
}

Result<wire::DsnRange> range_of(const RangeAsn1& range) {
  return wire::DsnRange::make(TF_TRY(wire::Dsn::parse(as_text(octets_of(range.from)))),
                              TF_TRY(wire::Dsn::parse(as_text(octets_of(range.to)))));
}

}  // namespace

Result<Bytes> encode_dsn_ranges(const std::vector<wire::DsnRange>& ranges) {
  if (ranges.empty() || ranges.size() > kMaxDsnRanges)
    return Error{Code::invalid, "pki.dsn_ranges", "a certificate names 1 to 64 DSN ranges"};
  const RangesHandle list(sk_RangeAsn1_new_null());
  for (const wire::DsnRange& range : ranges) {
    auto* item = reinterpret_cast<RangeAsn1*>(ASN1_item_new(ASN1_ITEM_rptr(RangeAsn1)));
    crypto::must(item != nullptr && sk_RangeAsn1_push(list.get(), item) > 0, "DSN ranges");
    set(item->from, range.from());
    set(item->to, range.to());
  }
  return encoded(list.get());
}

Result<std::vector<wire::DsnRange>> decode_dsn_ranges(ByteView der) {
  const Error bad{Code::malformed, "pki.dsn_ranges", "the DSN ranges extension does not parse"};
  if (der.size() > kMaxRanges) return bad;
  const std::uint8_t* at = der.data();
  const RangesHandle list(reinterpret_cast<RangesAsn1*>(
      ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(RangesAsn1))));
  ERR_clear_error();
  const int count = list ? sk_RangeAsn1_num(list.get()) : 0;
  if (count < 1 || std::cmp_greater(count, kMaxDsnRanges)) return bad;
  if (!std::ranges::equal(encoded(list.get()), der)) return bad;  // BER, or something left over
  std::vector<wire::DsnRange> out;
  out.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto range = range_of(*sk_RangeAsn1_value(list.get(), i));
    if (!range) return bad;
    out.push_back(std::move(*range));
  }
  return out;
}

bool all_within(const std::vector<wire::DsnRange>& inner, const std::vector<wire::DsnRange>& outer) {
  return std::ranges::all_of(inner, [&](const wire::DsnRange& range) {
    return std::ranges::any_of(outer, [&](const wire::DsnRange& around) { return around.contains(range); });
  });
}

bool any_contains(const std::vector<wire::DsnRange>& ranges, const wire::Dsn& dsn) {
  return std::ranges::any_of(ranges, [&](const wire::DsnRange& range) { return range.contains(dsn); });
}

}  // namespace tf::pki
