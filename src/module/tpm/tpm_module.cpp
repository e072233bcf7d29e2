#include "module/tpm/tpm_module.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "module/kept.hpp"
#include "module/tpm/tpm_chip.hpp"

namespace tf::module::tpm {
namespace {

constexpr std::string_view kKind = "tpm";

Result<TPM2B_AUTH> auth_for(const Settings& settings, std::string_view dsim_id) {
  const Secret<32> prk = crypto::hkdf_extract(as_bytes("trustferry/module"), settings.storage_key.reveal());
  const Secret<32> auth = crypto::hkdf_expand<32>(prk, "trustferry/module/tpm", as_bytes(dsim_id));
  return auth_of(SecretBytes(ByteView(auth.reveal())));
}

// What of the chip is on disk: all but the name of the primary is what only this TPM can use.
struct Outside {
  Bytes primary_name;
  TpmChip::Keys keys;
  Bytes state_key;
  TPM2_HANDLE counter = 0;
};

Bytes encode(const Outside& outside) {
  wire::FieldWriter out;
  out.field(outside.primary_name);
  write(out, outside.keys.sign);
  write(out, outside.keys.decrypt);
  return out.field(outside.state_key).number(outside.counter).take();
}

Result<Outside> decode(ByteView bytes) {
  wire::FieldReader in(bytes);
  Outside out;
  out.primary_name = to_bytes(TF_TRY(in.field(64)));
  out.keys.sign = TF_TRY(read_wrapped(in));
  out.keys.decrypt = TF_TRY(read_wrapped(in));
  out.state_key = to_bytes(TF_TRY(in.field(4096)));
  out.counter = static_cast<TPM2_HANDLE>(TF_TRY(in.number()));
  TF_CHECK(in.finish());
  return out;
}

StateFile file_of(const Settings& settings, std::string_view dsim_id, Bytes chip, const SecretBytes& key, Random& random) {
  return {StateFile::path_of(settings.directory, dsim_id), std::string(dsim_id), std::string(kKind), std::move(chip),
          Secret<32>(key.reveal().first<32>()), random};
}

}  // namespace

Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_new(settings.directory, dsim_id));
  auto connection = TF_TRY(Connection::open(settings.tcti, settings.owner_auth));
  const TPM2B_AUTH auth = TF_TRY(auth_for(settings, dsim_id));
  SecretBytes state_key(32);
  random.fill(state_key.reveal_mutable());
  Outside outside{connection->primary_name(), TF_TRY(TpmChip::generate(*connection, auth)), TF_TRY(TpmChip::seal(*connection, auth, state_key)), 0};
  const Counter counter = TF_TRY(Counter::make(*connection, auth, dsim_id));
  outside.counter = counter.index();
  StateFile file = file_of(settings, dsim_id, encode(outside), state_key, random);
  auto chip = TF_TRY(TpmChip::make(std::move(connection), auth, std::move(outside.keys), counter));
  return KeptModule::create(std::move(chip), std::move(file), std::move(lock));
}

Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random) {
  OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  const StateFile::Outside file_outside = TF_TRY(StateFile::read(settings.directory, dsim_id, kKind));
  auto decoded = decode(file_outside.chip);
  if (!decoded) return Error{Code::integrity, "module.state", std::string(dsim_id) + " was altered"};
  auto connection = TF_TRY(Connection::open(settings.tcti, settings.owner_auth));
  const TPM2B_AUTH auth = TF_TRY(auth_for(settings, dsim_id));
  if (connection->primary_name() != decoded->primary_name)
    return Error{Code::integrity, "module.other_tpm", "the module is of another TPM, or this one was cleared"};
  const SecretBytes state_key = TF_TRY(TpmChip::unseal(*connection, auth, decoded->state_key));
  if (state_key.size() != 32) return Error{Code::integrity, "module.state", std::string(dsim_id) + " was altered"};
  const Counter counter = TF_TRY(Counter::find(*connection, auth, decoded->counter));
  StateFile file = file_of(settings, dsim_id, file_outside.chip, state_key, random);
  auto chip = TF_TRY(TpmChip::make(std::move(connection), auth, std::move(decoded->keys), counter));
  return KeptModule::open(std::move(chip), std::move(file), std::move(lock), file_outside.sealed);
}

Status remove(const Settings& settings, std::string_view dsim_id) {
  const OpenLock lock = TF_TRY(lock_for_existing(settings.directory, dsim_id));
  const StateFile::Outside file_outside = TF_TRY(StateFile::read(settings.directory, dsim_id, kKind));
  const auto decoded = decode(file_outside.chip);
  if (!decoded) return Error{Code::integrity, "module.state", std::string(dsim_id) + " was altered"};
  auto connection = TF_TRY(Connection::open(settings.tcti, settings.owner_auth));
  Counter counter = TF_TRY(Counter::find(*connection, TF_TRY(auth_for(settings, dsim_id)), decoded->counter));
  TF_CHECK(StateFile::remove(settings.directory, dsim_id));
  return counter.remove();
}

}  // namespace tf::module::tpm
