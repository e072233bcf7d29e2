// libxmlsec1: started once for all threads, silent, and without any way to files or the network. For the units of this room only.
#pragma once
#include <xmlsec/xmlsec.h>
#include <xmlsec/keys.h>
#include <xmlsec/keysdata.h>

#include <memory>
#include <string_view>

#include "crypto/keys.hpp"

namespace tf::xml {

inline constexpr std::string_view kDsig = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kDsigMore = "http://www.w3.org/2001/04/xmldsig-more#";
inline constexpr std::string_view kXenc = "http://www.w3.org/2001/04/xmlenc#";
inline constexpr std::string_view kXenc11 = "http://www.w3.org/2009/xmlenc11#";
inline constexpr std::string_view kExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

void start_security();

template <auto Destroy>
struct SecDestroy {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
template <class T, auto Destroy>
using SecHandle = std::unique_ptr<T, SecDestroy<Destroy>>;
using SecKey = SecHandle<xmlSecKey, xmlSecKeyDestroy>;

// A public key as the library wants it; null when it takes no such key.
SecKey public_key_for(const crypto::PublicKey& key);

}  // namespace tf::xml
