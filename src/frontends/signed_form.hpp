// What the signed HTTPS of e-wallets and card networks has in common: names and values, sorted by name and joined as
// name=value&… without encoding; that text is what is signed. Values are raw bytes, in practice UTF-8.
// Errors: Code::malformed "frontends.form" for a body that is none: a name twice, bad escapes, more than 128 fields.
#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tf::frontends {

using Fields = std::map<std::string, std::string>;  // sorted by bytes, as both dialects want it

// application/x-www-form-urlencoded, both ways. What is written escapes all but the unreserved characters of RFC 3986.
Result<Fields> parse_form(std::string_view body);
std::string encode_form(const Fields& fields);
// Answers of ACP gateways: name=value&… as they are, nothing escaped; what stands in {braces} belongs to one value.
Result<Fields> parse_plain_form(std::string_view body);

enum class Empties { dropped, kept };
// The text that is signed.
std::string joined(const Fields& fields, std::initializer_list<std::string_view> without, Empties empties);

// The value, or "".
const std::string& value_of(const Fields& fields, std::string_view name);

}  // namespace tf::frontends
