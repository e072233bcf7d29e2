#include "crypto/md5.hpp"

#include "crypto/handles.hpp"

namespace tf::crypto {

Md5Digest md5(std::initializer_list<ByteView> parts) {
  static const EvpMd algorithm(EVP_MD_fetch(nullptr, "MD5", nullptr));
  thread_local const EvpMdCtx context(EVP_MD_CTX_new());
  Md5Digest out;
  bool ok = algorithm && EVP_DigestInit_ex(context.get(), algorithm.get(), nullptr) == 1;
  for (const ByteView part : parts) ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  must(ok && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1, "MD5");
  return out;
}

}  // namespace tf::crypto
