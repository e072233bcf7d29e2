// The retail MAC: ISO/IEC 9797-1:2011 MAC algorithm 3 with DES, as ANSI X9.19 and most card networks have it.
#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

// ISO/IEC 9797-1 §6.3: zeros up to a whole block (one block of them when there are no data), or a one bit and then zeros.
enum class MacPadding { method_1, method_2 };

// key: 16 octets, K ‖ K′. Code::invalid "crypto.key_size".
Result<ByteArray<8>> retail_mac(ByteView key, ByteView data, MacPadding padding);

}  // namespace tf::crypto
