// A context for one operation with a key; private to crypto.
#pragma once
#include "crypto/handles.hpp"

namespace tf::crypto {

inline EvpPkeyCtx key_context(EVP_PKEY* key) { return EvpPkeyCtx(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)); }

}  // namespace tf::crypto
