// A platform's data directory and what is opened from it. Members are built in this order and closed in reverse.
//
//   platform.toml     configuration            vault.json      the sealed vault
//   trustferry.db     the database             root.crt        the root certificate, public
//   audit.pub         the key that signs audit checkpoints, public
//   profiles/         certificate profiles, one a file
//   operators/        client certificates of the first operators, to be handed out and removed
#pragma once
#include <memory>
#include <string>

#include "audit/trail.hpp"
#include "pki/certificate.hpp"
#include "platform/certificates.hpp"
#include "platform/config.hpp"
#include "platform/context.hpp"
#include "store/batch_metrics.hpp"
#include "store/sqlite/sqlite.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::platform {

struct Paths {
  std::string directory;
  [[nodiscard]] std::string config() const { return directory + "/platform.toml"; }
  [[nodiscard]] std::string vault() const { return directory + "/vault.json"; }
  [[nodiscard]] std::string database() const { return directory + "/trustferry.db"; }
  [[nodiscard]] std::string root() const { return directory + "/root.crt"; }
  [[nodiscard]] std::string audit_key() const { return directory + "/audit.pub"; }
  [[nodiscard]] std::string profiles() const { return directory + "/profiles"; }
  [[nodiscard]] std::string operators() const { return directory + "/operators"; }
};

// Signs audit checkpoints with the vault's key "audit".
class VaultSigner final : public audit::Signer {
 public:
  explicit VaultSigner(vault::Vault& vault) : vault_(vault) {}
  Result<Bytes> sign(ByteView message) override;
  [[nodiscard]] std::string key_id() const override { return "audit"; }

 private:
  vault::Vault& vault_;
};

// Verifies them with the public key kept beside the database.
class PublicKeyVerifier final : public audit::Verifier {
 public:
  explicit PublicKeyVerifier(crypto::PublicKey key) : key_(std::move(key)) {}
  static Result<PublicKeyVerifier> from_file(const std::string& path);
  Status verify(std::string_view key_id, ByteView message, ByteView signature) override;

 private:
  crypto::PublicKey key_;
};

struct Opened {
  Paths paths;
  SystemClock clock;
  SystemRandom random;
  Config config;
  metrics::Registry metrics;
  std::unique_ptr<vault::SoftwareVault> vault;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::BatchMetrics> batches;
  std::unique_ptr<VaultSigner> signer;
  std::unique_ptr<audit::Trail> trail;
  std::unique_ptr<Certificates> certificates;
  std::unique_ptr<Context> context;
};

// Opens everything; the vault is unsealed. Code::not_found without a platform there, Code::sealed for a wrong passphrase,
// Code::conflict when another process has it open.
Result<std::unique_ptr<Opened>> open_directory(const std::string& directory, const SecretBytes& passphrase);

// Makes a new platform; see authority.hpp for what comes with it.
Status migrate(store::Database& database);

}  // namespace tf::platform
