// The key block reader, header and whole. A header that was read can be written, and reads the same again; a block that
// opened under the corpus' protection keys can be wrapped anew with the same content.
#include <cstdlib>
#include <cstring>

#include "crypto/banking/key_block.hpp"
#include "wire/encoding.hpp"

using namespace tf;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Zeros final : public Random {
 public:
  void fill(MutableByteView out) override { std::memset(out.data(), 0, out.size()); }
};

// Keys of the published blocks in the corpus.
ByteView kbpk_for(char version) {
  static const Bytes aes = wire::from_hex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6").value();
  static const Bytes tdes = wire::from_hex("1D22BF32387C600AD97F9B97A51311AC").value();
  static const Bytes variants = wire::from_hex("89E88CF7931444F334BD7547FC3F380C").value();
  return version == 'D' ? aes : version == 'B' ? tdes : variants;
}

void wraps_again(crypto::KeyBlockHeader header, const SecretBytes& key) {
  Zeros random;
  if (header.version == 'A' || header.version == 'C') header.version = 'B';
  const auto block = crypto::wrap_key_block(kbpk_for(header.version), header, key, random);
  if (!block) return require(std::string_view(block.error().reason) == "crypto.key_block_size");
  const auto again = crypto::unwrap_key_block(kbpk_for(header.version), *block);
  require(again && again->header == header && again->key == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto header = crypto::read_key_block_header(text);
  const auto opened = crypto::unwrap_key_block(kbpk_for(size == 0 ? 'D' : text[0]), text);
  require(header || !opened);
  if (header) wraps_again(*header, SecretBytes(header->algorithm == 'D' ? 8 : 16));
  if (opened) {
    require(opened->header == *header);
    wraps_again(opened->header, opened->key);
  }
  return 0;
}
