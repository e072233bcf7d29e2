// What every implementation accepts as TEXT.
#pragma once
#include <string_view>

namespace tf::store {

// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF) without NUL.
bool is_storable_text(std::string_view text);

}  // namespace tf::store
