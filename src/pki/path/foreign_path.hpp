// Certificates of others, say of a card network that signs what it sends: path validation of RFC 5280 by OpenSSL with 112 bits
// of strength or more, without the rules of our own hierarchy (pki/path/path.hpp). The key is RSA or P-256; the leaf may sign.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pki/certificate.hpp"

namespace tf::pki {

struct ForeignPath {
  Certificate leaf;
  std::vector<Certificate> intermediates = {};
  std::vector<Certificate> anchors = {};  // roots
  std::int64_t at_ms = 0;
  bool must_sign = true;  // false: the leaf may also be for encrypting
};
// Code::refused "pki.untrusted", "pki.expired", "pki.not_yet_valid", "pki.wrong_usage".
Status validate_foreign_path(const ForeignPath& path);

// The serial number in decimal digits: how ACP gateways name certificates (certId).
std::string decimal_serial(const Certificate& certificate);

}  // namespace tf::pki
