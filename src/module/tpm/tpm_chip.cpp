#include "module/tpm/tpm_chip.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace tf::module::tpm {
namespace {

using Encrypt = Connection::Encrypt;

Result<Wrapped> create(Connection& connection, const TPM2B_AUTH& auth, const TPM2B_PUBLIC& shape, const SecretBytes& data) {
  TPM2B_SENSITIVE_CREATE sensitive{};
  sensitive.sensitive.userAuth = auth;
  if (data.size() > kMaxSealed) return Error{Code::internal, "module.seal", "more than a sealed object holds"};
  sensitive.sensitive.data.size = static_cast<UINT16>(data.size());
  std::ranges::copy(data.reveal(), sensitive.sensitive.data.buffer);
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  TPM2B_PRIVATE* private_part = nullptr;
  TPM2B_PUBLIC* public_part = nullptr;
  const TSS2_RC rc = Esys_Create(connection.esys(), connection.primary(), connection.session(Encrypt::both), ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &shape,
                                 &outside, &pcrs, &private_part, &public_part, nullptr, nullptr, nullptr);
  wipe(&sensitive, sizeof sensitive);
  const EsysMemory<TPM2B_PRIVATE> kept_private(private_part);
  const EsysMemory<TPM2B_PUBLIC> kept_public(public_part);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("making a key", rc);
  return Wrapped{*public_part, *private_part};
}

TPM2B_DIGEST digest_of(ByteView message) {
  const Hash256 hash = crypto::sha256(message);
  TPM2B_DIGEST out{};
  out.size = static_cast<UINT16>(hash.size());
  std::ranges::copy(hash, out.buffer);
  return out;
}

// No hash ticket: the keys are not restricted.
TPMT_TK_HASHCHECK no_ticket() {
  TPMT_TK_HASHCHECK out{};
  out.tag = TPM2_ST_HASHCHECK;
  out.hierarchy = TPM2_RH_NULL;
  return out;
}

Result<EsysMemory<TPMT_SIGNATURE>> signature(Connection& connection, ESYS_TR key, ByteView message, TPMI_ALG_SIG_SCHEME scheme) {
  const TPM2B_DIGEST digest = digest_of(message);
  TPMT_SIG_SCHEME with{};
  with.scheme = scheme;
  with.details.any.hashAlg = TPM2_ALG_SHA256;
  const TPMT_TK_HASHCHECK ticket = no_ticket();
  TPMT_SIGNATURE* made = nullptr;
  const TSS2_RC rc = Esys_Sign(connection.esys(), key, connection.session(Encrypt::to), ESYS_TR_NONE, ESYS_TR_NONE, &digest, &with, &ticket, &made);
  EsysMemory<TPMT_SIGNATURE> kept(made);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("signing", rc);
  return kept;
}

// OAEP went wrong. A TPM says VALUE; libtpms says FAILURE, which from another TPM would be the end of it: then it answers nothing more.
bool is_not_decryptable(Connection& connection, ESYS_TR key, TSS2_RC rc) {
  if (rc != TPM2_RC_FAILURE) return is_value_refused(rc);
  return Esys_ReadPublic(connection.esys(), key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nullptr, nullptr, nullptr) == TSS2_RC_SUCCESS;
}

// The TPM leaves leading zeros out.
bool right_aligned(const TPM2B_ECC_PARAMETER& number, std::span<std::uint8_t, 32> out) {
  if (number.size > out.size()) return false;
  std::ranges::fill(out, std::uint8_t{0});
  std::copy(number.buffer, number.buffer + number.size, out.begin() + static_cast<std::ptrdiff_t>(out.size() - number.size));
  return true;
}

}  // namespace

Result<TpmChip::Keys> TpmChip::generate(Connection& connection, const TPM2B_AUTH& auth) {
  return Keys{TF_TRY(create(connection, auth, signing_key(), {})), TF_TRY(create(connection, auth, decryption_key(), {}))};
}

Result<std::unique_ptr<TpmChip>> TpmChip::make(std::unique_ptr<Connection> connection, const TPM2B_AUTH& auth, Keys keys, Counter counter) {
  crypto::PublicKey sign = TF_TRY(public_key_of(keys.sign.public_part));
  crypto::PublicKey decrypt = TF_TRY(public_key_of(keys.decrypt.public_part));
  return std::unique_ptr<TpmChip>(
      new TpmChip(std::move(connection), auth, std::move(keys), counter, std::move(sign), std::move(decrypt)));
}

Result<crypto::Es256Signature> TpmChip::sign(ByteView message) {
  crypto::Es256Signature out{};
  TF_CHECK(connection_->with_loaded(keys_.sign.public_part, keys_.sign.private_part, auth_, [&](ESYS_TR key) -> Status {
    const auto made = TF_TRY(signature(*connection_, key, message, TPM2_ALG_ECDSA));
    const TPMS_SIGNATURE_ECC& ecc = made->signature.ecdsa;
    if (!right_aligned(ecc.signatureR, std::span(out).first<32>()) || !right_aligned(ecc.signatureS, std::span(out).last<32>()))
      return Error{Code::unavailable, "module.tpm", "not a P-256 signature"};
    return {};
  }));
  return out;
}

Result<Bytes> TpmChip::sign_own_request(ByteView to_be_signed) {
  Bytes out;
  TF_CHECK(connection_->with_loaded(keys_.decrypt.public_part, keys_.decrypt.private_part, auth_, [&](ESYS_TR key) -> Status {
    const auto made = TF_TRY(signature(*connection_, key, to_be_signed, TPM2_ALG_RSASSA));
    const TPM2B_PUBLIC_KEY_RSA& rsa = made->signature.rsassa.sig;
    out.assign(rsa.buffer, rsa.buffer + rsa.size);
    return {};
  }));
  return out;
}

Result<SecretBytes> TpmChip::unwrap(Oaep oaep, ByteView wrapped) {
  const Error refused{Code::refused, "module.unwrap", "the key does not decrypt"};
  TPM2B_PUBLIC_KEY_RSA cipher{};
  if (wrapped.size() != 256) return refused;
  cipher.size = static_cast<UINT16>(wrapped.size());
  std::ranges::copy(wrapped, cipher.buffer);
  TPMT_RSA_DECRYPT scheme{};
  scheme.scheme = TPM2_ALG_OAEP;
  scheme.details.oaep.hashAlg = oaep == Oaep::sha1 ? TPM2_ALG_SHA1 : TPM2_ALG_SHA256;
  SecretBytes out;
  TF_CHECK(connection_->with_loaded(keys_.decrypt.public_part, keys_.decrypt.private_part, auth_, [&](ESYS_TR key) -> Status {
    const TPM2B_DATA label{};
    TPM2B_PUBLIC_KEY_RSA* plain = nullptr;
    const TSS2_RC rc = Esys_RSA_Decrypt(connection_->esys(), key, connection_->session(Encrypt::both), ESYS_TR_NONE, ESYS_TR_NONE, &cipher, &scheme, &label, &plain);
    const EsysMemory<TPM2B_PUBLIC_KEY_RSA> kept(plain);
    if (is_not_decryptable(*connection_, key, rc)) return refused;
    if (rc != TSS2_RC_SUCCESS) return tpm_error("decrypting", rc);
    out = SecretBytes(ByteView(plain->buffer, plain->size));
    wipe(plain, sizeof *plain);
    return {};
  }));
  return out;
}

Result<Bytes> TpmChip::seal(Connection& connection, const TPM2B_AUTH& auth, const SecretBytes& secret) {
  const Wrapped object = TF_TRY(create(connection, auth, sealed_data(), secret));
  wire::FieldWriter out;
  write(out, object);
  return out.take();
}

Result<SecretBytes> TpmChip::unseal(Connection& connection, const TPM2B_AUTH& auth, ByteView sealed) {
  wire::FieldReader in(sealed);
  const Wrapped object = TF_TRY(read_wrapped(in));
  TF_CHECK(in.finish());
  SecretBytes out;
  TF_CHECK(connection.with_loaded(object.public_part, object.private_part, auth, [&](ESYS_TR handle) -> Status {
    TPM2B_SENSITIVE_DATA* data = nullptr;
    const TSS2_RC rc = Esys_Unseal(connection.esys(), handle, connection.session(Encrypt::from), ESYS_TR_NONE, ESYS_TR_NONE, &data);
    const EsysMemory<TPM2B_SENSITIVE_DATA> kept(data);
    if (rc != TSS2_RC_SUCCESS) return object_error("unsealing a secret", rc);
    out = SecretBytes(ByteView(data->buffer, data->size));
    wipe(data, sizeof *data);
    return {};
  }));
  return out;
}

}  // namespace tf::module::tpm
