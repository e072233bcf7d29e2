// Key blocks of ASC X9.143 (TR-31): versions B and D are written, A to D are read. Text in, text out.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

struct KeyBlockOption {
  std::string id;    // two characters, not "PB": padding is ours to add and to drop
  std::string data;  // printable ASCII
  friend bool operator==(const KeyBlockOption&, const KeyBlockOption&) = default;
};

// X9.143 §6.2, in the order of the header's characters; the length is computed, not stored.
struct KeyBlockHeader {
  char version = 'D';             // A B C D
  std::string usage = "K1";       // two characters
  char algorithm = 'A';           // A AES, T TDES, D DES, R RSA, E EC, H HMAC
  char mode = 'N';                // B C D E G N S V X
  std::string key_version = "00"; // "00" unused, "cN" component N
  char exportability = 'N';       // E N S
  char context = '0';
  std::vector<KeyBlockOption> options{};
  friend bool operator==(const KeyBlockHeader&, const KeyBlockHeader&) = default;

  // The first 16 characters of a header; its length field is not looked at and its count of optional blocks must be 00.
  static Result<KeyBlockHeader> parse16(std::string_view text);
};

struct KeyBlock {
  KeyBlockHeader header;
  SecretBytes key;
};

// kbpk: 16 or 24 bytes (A, B, C), 16, 24 or 32 (D). Code::invalid for a version that is not written or sizes that do not
// fit. The payload is padded to the longest key of the algorithm (length obfuscation).
Result<std::string> wrap_key_block(ByteView kbpk, const KeyBlockHeader& header, const SecretBytes& key, Random& random);
// Code::malformed when it is no key block, Code::refused "crypto.key_block_mac" when it does not authenticate.
Result<KeyBlock> unwrap_key_block(ByteView kbpk, std::string_view block);
// The header alone, unauthenticated.
Result<KeyBlockHeader> read_key_block_header(std::string_view block);

}  // namespace tf::crypto
