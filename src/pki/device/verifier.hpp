// Device certificates at the server's pace: the loader's certificate is validated up to the root once a minute, a
// device certificate under it costs one signature verification and the house rules. Threads may share a verifier.
#pragma once
#include <memory>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "crypto/kept_verifier.hpp"
#include "pki/device/form.hpp"
#include "pki/path/path.hpp"

namespace tf::pki {

class DeviceVerifier {
 public:
  struct Options {
    std::vector<Certificate> anchors;
    bool require_crl = true;
    std::int64_t revalidate_after_ms = 60'000;
    std::size_t max_loaders = 256;
  };
  explicit DeviceVerifier(Options options, std::optional<Crl> crl = {});

  // A newer list; every loader is validated again.
  void set_crl(Crl crl);

  // chain: device, loader, estate CA, in DER. The device's certificate after all checks of validate_path for
  // Usage::device and this DSN; refusals as there, Code::malformed for what does not parse.
  [[nodiscard]] Result<Certificate> verify(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                           std::int64_t at_ms) const;
  // The same, and of it all the device's key: nothing is parsed where the certificate is written as our loaders write it.
  [[nodiscard]] Result<crypto::PublicKey> device_key(const std::vector<Bytes>& chain, const wire::Dsn& dsn, std::int64_t at_ms) const;

 private:
  struct Loader {
    Certificate certificate;
    std::optional<DeviceForm> form;                 // of the certificates it issues
    std::unique_ptr<crypto::KeptVerifier> verifier;  // of its signatures; where there is a form
    std::int64_t from_ms;   // validated then
    std::int64_t until_ms;  // to be validated again; no later than the end of a certificate of its chain or of the list
  };
  struct ByFingerprint {
    std::size_t operator()(const Hash256& hash) const;
  };
  using LoaderPtr = std::shared_ptr<const Loader>;

  [[nodiscard]] LoaderPtr cached(const Hash256& fingerprint, std::int64_t at_ms) const;
  [[nodiscard]] Result<LoaderPtr> validated(const std::vector<Bytes>& chain, std::int64_t at_ms) const;
  void remember(const Hash256& fingerprint, const LoaderPtr& loader, std::uint64_t generation) const;

  const Options options_;
  mutable std::shared_mutex mutex_;
  std::optional<Crl> crl_;
  std::uint64_t generation_ = 0;  // of the list; what was validated under an older one is not remembered
  mutable std::unordered_map<Hash256, LoaderPtr, ByFingerprint> loaders_;
};

}  // namespace tf::pki
