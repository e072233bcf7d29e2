#include "module/content.hpp"

#include "crypto/aead.hpp"

namespace tf::module {

Result<SecretBytes> open_content(const Content& content, const std::function<Result<SecretBytes>(Oaep, ByteView)>& unwrap) {
  const Error wrong{Code::refused, "module.content", "the content does not decrypt"};
  if (content.ciphertext.size() > kMaxContent) return wrong;
  const auto key = unwrap(content.oaep, content.wrapped_key);
  if (!key && key.error().code != Code::refused) return key.error();
  if (!key || key->size() != 32) return wrong;
  auto plain = crypto::aes256_gcm_open(Secret<32>(key->reveal().first<32>()), content.iv, {}, content.ciphertext, content.tag);
  if (!plain) return wrong;
  return plain;
}

}  // namespace tf::module
