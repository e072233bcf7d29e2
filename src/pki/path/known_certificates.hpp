// Certificates that peers show again and again, parsed once, by their octets. That one is here says that it parses, and nothing of whom it is from or
// whether it is valid. Any thread.
#pragma once
#include <vector>

#include "base/remembered.hpp"
#include "pki/certificate.hpp"

namespace tf::pki {

class KnownCertificates {
 public:
  explicit KnownCertificates(std::size_t most) : kept_(most) {}

  // As Certificate::from_der and chain_from_der.
  [[nodiscard]] Result<Certificate> parse(ByteView der) const;
  [[nodiscard]] Result<std::vector<Certificate>> parse(const std::vector<Bytes>& chain) const;
  // Once it is verified: anybody may show anything.
  void keep(const Certificate& certificate);

 private:
  Remembered<Certificate> kept_;
};

}  // namespace tf::pki
