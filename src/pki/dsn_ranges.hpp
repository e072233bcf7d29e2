// The DSN ranges extension (oids.hpp, arc.1), critical, one and the same in work, loader and device certificates:
//   DsnRanges ::= SEQUENCE SIZE (1..64) OF SEQUENCE { from UTF8String, to UTF8String }
// Both ends belong to the range and have the same length (wire/dsn.hpp).
#pragma once
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/dsn.hpp"

namespace tf::pki {

inline constexpr std::size_t kMaxDsnRanges = 64;

// The value of the extension. Code::invalid "pki.dsn_ranges" for none or more than 64.
Result<Bytes> encode_dsn_ranges(const std::vector<wire::DsnRange>& ranges);
// DER only, nothing left over. Code::malformed "pki.dsn_ranges".
Result<std::vector<wire::DsnRange>> decode_dsn_ranges(ByteView der);

// Each of the inner ranges lies in one of the outer.
bool all_within(const std::vector<wire::DsnRange>& inner, const std::vector<wire::DsnRange>& outer);
bool any_contains(const std::vector<wire::DsnRange>& ranges, const wire::Dsn& dsn);

}  // namespace tf::pki
