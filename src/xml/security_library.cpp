#include "xml/security_library.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include <cstdlib>
#include <mutex>

#include "base/log.hpp"
#include "xml/private.hpp"

namespace tf::xml {
namespace {

void silent(const char*, int, const char*, const char*, const char*, int, const char*) { ERR_clear_error(); }

}  // namespace

void start_security() {
  static std::once_flag once;
  std::call_once(once, [] {
    start_library();
    xmlSecErrorsSetCallback(silent);  // and once more after starting, which sets the library's own
    if (xmlSecInit() < 0 || xmlSecOpenSSLAppInit(nullptr) < 0 || xmlSecOpenSSLInit() < 0) {
      log::error("libxmlsec1 does not start");
      std::abort();
    }
    xmlSecErrorsSetCallback(silent);
    xmlSecIOCleanupCallbacks();  // a reference to anything but the document itself finds nobody who reads it
  });
}

SecKey public_key_for(const crypto::PublicKey& key) {
  EVP_PKEY* native = key.native();
  if (EVP_PKEY_up_ref(native) != 1) return nullptr;
  xmlSecKeyDataPtr data = xmlSecOpenSSLEvpKeyAdopt(native);
  if (data == nullptr) {
    EVP_PKEY_free(native);
    return nullptr;
  }
  SecKey out(xmlSecKeyCreate());
  if (!out || xmlSecKeySetValue(out.get(), data) < 0) {
    xmlSecKeyDataDestroy(data);
    return nullptr;
  }
  return out;
}

}  // namespace tf::xml
