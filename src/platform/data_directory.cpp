#include "platform/data_directory.hpp"

#include <filesystem>

#include "audit/schema.hpp"
#include "base/file.hpp"
#include "platform/schema.hpp"
#include "vault/process_memory.hpp"

namespace tf::platform {

Result<Bytes> VaultSigner::sign(ByteView message) {
  const auto signature = TF_TRY(vault_.sign_es256(key_name::audit, message));
  return Bytes(signature.begin(), signature.end());
}

Result<PublicKeyVerifier> PublicKeyVerifier::from_file(const std::string& path) {
  return PublicKeyVerifier(TF_TRY(crypto::PublicKey::from_spki(TF_TRY(read_file(path, 4096)))));
}

Status PublicKeyVerifier::verify(std::string_view key_id, ByteView message, ByteView signature) {
  if (key_id == key_name::audit && crypto::verify_es256(key_, message, signature)) return {};
  return Error{Code::integrity, "audit.signature", "the checkpoint is not signed by the platform's audit key"};
}

Status migrate(store::Database& database) {
  TF_CHECK(database.migrate(audit::kComponent, audit::kMigrations));
  return database.migrate("platform", migrations());
}

Result<std::unique_ptr<Opened>> open_directory(const std::string& directory, const SecretBytes& passphrase) {
  auto out = std::make_unique<Opened>();
  out->paths.directory = directory;
  if (!std::filesystem::exists(out->paths.vault()))
    return Error{Code::not_found, "platform.none", "there is no platform in " + directory + ": trustferry init makes one"};
  out->config = TF_TRY(read_config(out->paths.config()));
  vault::protect_process_memory();
  out->vault = TF_TRY(vault::SoftwareVault::open(out->paths.vault(), out->random));
  TF_CHECK(out->vault->unseal(passphrase));
  out->database = TF_TRY(store::open_sqlite({.path = out->paths.database(), .readers = 8, .gather_ms = static_cast<int>(out->config.gather_ms)}));
  out->batches = std::make_unique<store::BatchMetrics>(*out->database, out->metrics);
  TF_CHECK(migrate(*out->database));
  out->signer = std::make_unique<VaultSigner>(*out->vault);
  out->trail = TF_TRY(audit::Trail::open(*out->database, "main", *out->signer, out->clock,
                                         {.checkpoint_every = out->config.checkpoint_every}));
  out->certificates = TF_TRY(Certificates::load(*out->database, out->clock));
  out->context = std::make_unique<Context>(Context{out->clock, out->random, *out->database, *out->vault, *out->trail,
                                                   out->metrics, out->config, *out->certificates});
  return out;
}

}  // namespace tf::platform
