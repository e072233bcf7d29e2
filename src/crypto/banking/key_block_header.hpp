// The text side of key blocks; private to key_block*.cpp.
#pragma once
#include "crypto/banking/key_block.hpp"

namespace tf::crypto {

inline constexpr std::size_t kKeyBlockHeaderSize = 16;
inline constexpr std::size_t kKeyBlockMax = 9999;  // the length field has four decimal digits

struct ParsedKeyBlock {
  KeyBlockHeader header;      // without PB
  std::size_t header_size{};  // characters, optional blocks and padding included
};

// The cipher's block size under which a version wraps: 16 for D, 8 for the others.
constexpr std::size_t key_block_multiple(char version) { return version == 'D' ? 16 : 8; }
// Code::malformed unless the header is right in every field, states block's own length, and is whole cipher blocks.
Result<ParsedKeyBlock> parse_key_block(std::string_view block);
// The header's text, padded to whole cipher blocks, with a length field that counts tail more characters.
Result<std::string> write_key_block_header(const KeyBlockHeader& header, std::size_t tail);

}  // namespace tf::crypto
