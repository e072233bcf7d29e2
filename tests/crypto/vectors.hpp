// Published and independently made vectors, and the few words the crypto tests share.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "wire/encoding.hpp"

namespace tf::test {

// Aborts on anything but hexadecimal digits; blanks are skipped.
Bytes hex(std::string_view text);
inline SecretBytes secret(std::string_view text) { return SecretBytes(ByteView(hex(text))); }
template <std::size_t N>
ByteArray<N> hex_array(std::string_view text) {
  const Bytes bytes = hex(text);
  ByteArray<N> out{};
  std::copy_n(bytes.begin(), N, out.begin());
  return out;
}

// The bytes it is told, again and again.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::string_view hex_text) : bytes_(hex(hex_text)) {}
  void fill(MutableByteView out) override {
    for (std::uint8_t& byte : out) byte = bytes_[next_++ % bytes_.size()];
  }

 private:
  Bytes bytes_;
  std::size_t next_ = 0;
};

struct BlockVector {
  std::string id;
  Bytes kbpk;
  Bytes key;
  std::string kcv;  // empty when the source gives none
  std::string block;
};
std::vector<BlockVector> key_block_vectors();  // all files of vectors/ that hold key blocks

struct PinVector {
  std::string id;
  int format;
  Bytes key;
  SecretBytes pin;
  SecretBytes pan;
  std::string pad;  // hex: what the random source says
  Bytes block;
};
struct ClearPinVector {
  std::string id;
  SecretBytes pin;
  SecretBytes pan;
  Bytes block;  // format 0
};
struct MacVector {
  std::string id;
  Bytes key;
  Bytes data;
  int padding;
  Bytes mac;
};
std::vector<PinVector> pin_vectors();
std::vector<ClearPinVector> clear_pin_vectors();
std::vector<MacVector> mac_vectors();

struct JoseVector {
  Bytes key;
  std::string payload;
  std::string compact;
};
JoseVector jose_vector(std::string_view kind);  // of vectors/jose_node.json; "typ" is kJoseVectorTyp
inline constexpr std::string_view kJoseVectorTyp = "vector+jwt";

// What went wrong, as a test names it: "code reason", or "ok".
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(name_of(result.error().code)) + " " + result.error().reason;
}

}  // namespace tf::test
