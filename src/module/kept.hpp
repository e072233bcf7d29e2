// A module over a chip: the state, its file, its counter, and the USIM's arithmetic. Private to module.
//
// A change is written to the file with the counter's next value first, then the counter moves; only then does anybody hear of it. After
// a power-off between the two the file is one ahead, which opening sets right; a file that is behind is an older copy.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "module/chip.hpp"
#include "module/state.hpp"

namespace tf::module {

class KeptModule final : public SecureModule {
 public:
  // A new one; the file must not be there.
  static Result<std::unique_ptr<SecureModule>> create(std::unique_ptr<Chip> chip, StateFile file, OpenLock lock);
  static Result<std::unique_ptr<SecureModule>> open(std::unique_ptr<Chip> chip, StateFile file, OpenLock lock, ByteView sealed);

  [[nodiscard]] const std::string& dsim_id() const override { return file_.dsim_id(); }
  [[nodiscard]] crypto::PublicKey public_key(Key key) const override { return chip_->public_key(key); }
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
  KeptModule(std::unique_ptr<Chip> chip, StateFile file, OpenLock lock, State state)
      : chip_(std::move(chip)), file_(std::move(file)), lock_(std::move(lock)), state_(std::move(state)) {}
  Status commit(State next);
  Result<SecretBytes> unwrap_locked(Oaep oaep, ByteView wrapped);
  Result<SecretBytes> open_locked(const Content& content);
  Status store_locked(Slot slot, const Credential& credential);

  std::unique_ptr<Chip> chip_;
  StateFile file_;
  OpenLock lock_;
  mutable std::mutex mutex_;
  State state_;
  bool in_doubt_ = false;  // the file was written and the counter did not answer: only opening again tells
};

}  // namespace tf::module
