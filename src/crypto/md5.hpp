// MD5 (RFC 1321), for old protocols that name it in their frames: OMA DM, HTTP Digest. It protects nothing here; what is carried
// with it has another protection.
#pragma once
#include <initializer_list>

#include "base/bytes.hpp"

namespace tf::crypto {

using Md5Digest = ByteArray<16>;
Md5Digest md5(std::initializer_list<ByteView> parts);  // of the parts one after another

}  // namespace tf::crypto
