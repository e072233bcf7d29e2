// Key check values: the first bytes of an encrypted zero block (TDES) or of the CMAC of a zero block (AES).
#pragma once
#include <string>

#include "base/result.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::crypto {

// Upper-case hex of size bytes: 3 as the field shows it, 5 for AES in X9.24-1. Code::invalid for a wrong key size.
Result<std::string> key_check_value(BlockCipher cipher, ByteView key, std::size_t size = 3);

// DES parity and degenerate keys. A TDES key with two equal parts is weaker than its length says (SP 800-67 §3.1): single
// DES when neighbours are equal, two-key when the outer ones are. Anything but 16 or 24 bytes is degenerate as well.
bool has_odd_parity(ByteView tdes_key);
void set_odd_parity(MutableByteView tdes_key);
bool is_degenerate(ByteView tdes_key);  // parity bits ignored

}  // namespace tf::crypto
