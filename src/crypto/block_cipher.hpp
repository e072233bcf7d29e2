// Raw block ciphers for the places that standards name them: key blocks, KCVs, the source's diversification.
// Sizes in bytes: TDES keys 16 or 24, AES keys 16, 24 or 32. Data are whole blocks; nothing is padded.
#pragma once
#include <initializer_list>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

enum class BlockCipher { tdes, aes };
enum class Direction { encrypt, decrypt };

constexpr std::size_t block_size(BlockCipher cipher) { return cipher == BlockCipher::tdes ? 8 : 16; }
bool valid_key_size(BlockCipher cipher, std::size_t size);

// Code::invalid when the key size or the data size does not fit.
Result<SecretBytes> ecb(BlockCipher cipher, Direction direction, ByteView key, ByteView data);
Result<SecretBytes> cbc(BlockCipher cipher, Direction direction, ByteView key, ByteView iv, ByteView data);

// CMAC (NIST SP 800-38B), a whole block: 8 bytes (TDES) or 16 (AES).
Result<Bytes> cmac(BlockCipher cipher, ByteView key, ByteView data);
// The CMACs of several messages under one key, one after another in out. The key size is the caller's to check. The key
// stays in a context of this thread until the next one of its size or until a CmacKeyEraser goes out of scope.
void cmac_each(BlockCipher cipher, ByteView key, std::initializer_list<ByteView> messages, MutableByteView out);
class CmacKeyEraser {
 public:
  CmacKeyEraser(BlockCipher cipher, std::size_t key_size) : cipher_(cipher), key_size_(key_size) {}
  CmacKeyEraser(const CmacKeyEraser&) = delete;
  CmacKeyEraser& operator=(const CmacKeyEraser&) = delete;
  ~CmacKeyEraser();

 private:
  BlockCipher cipher_;
  std::size_t key_size_;
};

}  // namespace tf::crypto
