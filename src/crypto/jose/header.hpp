// Headers and parts of compact JOSE objects; private to jose*.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/json.hpp"

namespace tf::crypto {

std::string jose_header(std::string_view alg, std::string_view enc, std::string_view typ, const std::vector<Bytes>& chain);
// Exactly count parts separated by dots.
Result<std::vector<std::string_view>> jose_parts(std::string_view compact, std::size_t count);
// Octet for octet the header that we write for these, without a chain: there is nothing in it to parse.
bool jose_is_our_header(std::string_view encoded, std::string_view alg, std::string_view enc, std::string_view typ);
// Refuses another alg, enc or typ; the caller reads what else it knows and calls finish().
Result<wire::JsonObject> jose_read_header(std::string_view encoded, std::string_view alg, std::string_view enc,
                                          std::string_view typ);

}  // namespace tf::crypto
