// The module over a card that is its own. What the card told at opening is kept here; it changes by this module alone. Private to module.
#pragma once
#include <array>
#include <map>
#include <mutex>

#include "apdu/tlv.hpp"
#include "module/state.hpp"
#include "module/uicc/uicc_module.hpp"

namespace tf::module::uicc {

class UiccModule final : public SecureModule {
 public:
  // The card has the module.
  static Result<std::unique_ptr<SecureModule>> over(CardHost host, OpenLock lock, std::string dsim_id);

  [[nodiscard]] const std::string& dsim_id() const override { return dsim_id_; }
  [[nodiscard]] crypto::PublicKey public_key(Key key) const override { return key == Key::sign ? sign_ : decrypt_; }
  [[nodiscard]] Result<pki::CertificateRequest> request(Key key, std::string_view common_name) override;
  Status store_certificates(Key key, const std::vector<pki::Certificate>& chain) override;
  [[nodiscard]] std::vector<pki::Certificate> certificates(Key key) const override;
  [[nodiscard]] Result<crypto::Es256Signature> sign(ByteView message) override;
  [[nodiscard]] Result<SecretBytes> unwrap(Oaep oaep, ByteView wrapped) override;
  [[nodiscard]] Result<SecretBytes> open(const Content& content) override;
  Status store_credential(Slot slot, Credential credential) override;
  Status install(Slot slot, const Content& content, const CredentialReader& reader) override;
  [[nodiscard]] std::optional<CredentialInfo> credential(Slot slot) const override;
  Status erase(Slot slot) override;
  [[nodiscard]] Result<crypto::AkaAnswer> aka(Slot slot, const crypto::Rand& rand, const crypto::Autn& autn) override;
  Status store_record(std::string_view name, SecretBytes value) override;
  [[nodiscard]] SecretBytes record(std::string_view name) const override;

 private:
  UiccModule(CardHost host, OpenLock lock, std::string dsim_id, crypto::PublicKey sign, crypto::PublicKey decrypt)
      : host_(std::move(host)), lock_(std::move(lock)), dsim_id_(std::move(dsim_id)), sign_(std::move(sign)), decrypt_(std::move(decrypt)) {}
  Status read_rest(apdu::TlvReader& in);
  Result<SecretBytes> unwrap_locked(Oaep oaep, ByteView wrapped);
  Result<SecretBytes> open_locked(const Content& content);
  Status store_locked(Slot slot, const Credential& credential);

  CardHost host_;
  OpenLock lock_;
  mutable std::mutex mutex_;
  std::string dsim_id_;
  crypto::PublicKey sign_, decrypt_;
  std::array<std::vector<pki::Certificate>, 2> chains_{};
  std::array<std::optional<CredentialInfo>, 2> slots_{};
  std::map<std::string, SecretBytes, std::less<>> records_{};
};

}  // namespace tf::module::uicc
