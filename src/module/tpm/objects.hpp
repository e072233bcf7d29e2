// The objects a module has in its TPM: their templates, and their form on disk (TPM2B_PUBLIC and TPM2B_PRIVATE as the TPM
// wraps them under the storage primary). All are fixedTPM and fixedParent: they work in this TPM alone. Private to module.
#pragma once
#include <tss2/tss2_tpm2_types.h>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"
#include "wire/fields.hpp"

namespace tf::module::tpm {

TPM2B_PUBLIC storage_primary();  // ECC P-256, restricted, AES-128-CFB
TPM2B_PUBLIC signing_key();      // ECC P-256, ECDSA with SHA-256
TPM2B_PUBLIC decryption_key();   // RSA-2048; decrypts, and signs the request for itself
TPM2B_PUBLIC sealed_data();

// Code::invalid "module.tpm_auth" for more than 32 bytes.
Result<TPM2B_AUTH> auth_of(const SecretBytes& secret);

struct Wrapped {
  TPM2B_PUBLIC public_part{};
  TPM2B_PRIVATE private_part{};
};
void write(wire::FieldWriter& out, const Wrapped& object);
Result<Wrapped> read_wrapped(wire::FieldReader& in);  // Code::integrity "module.state"

Result<crypto::PublicKey> public_key_of(const TPM2B_PUBLIC& object);

}  // namespace tf::module::tpm
