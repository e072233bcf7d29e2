#include "module/tpm/objects.hpp"

#include <tss2/tss2_mu.h>

#include <algorithm>

namespace tf::module::tpm {
namespace {

// noDA: the authorisation is 256 bits of a derived key, which nobody guesses; a wrong one must not lock the whole TPM.
constexpr TPMA_OBJECT kOurs = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
constexpr std::size_t kMaxPart = 2048;

TPM2B_PUBLIC shape(TPMI_ALG_PUBLIC type, TPMA_OBJECT attributes) {
  TPM2B_PUBLIC out{};
  out.publicArea.type = type;
  out.publicArea.nameAlg = TPM2_ALG_SHA256;
  out.publicArea.objectAttributes = kOurs | attributes;
  return out;
}

template <class T, class Marshal>
Bytes marshalled(const T& value, Marshal marshal) {
  Bytes out(sizeof(T) + 16);
  std::size_t size = 0;
  if (marshal(&value, out.data(), out.size(), &size) != TSS2_RC_SUCCESS) return {};
  out.resize(size);
  return out;
}

}  // namespace

TPM2B_PUBLIC storage_primary() {
  TPM2B_PUBLIC out = shape(TPM2_ALG_ECC, TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT);
  TPMS_ECC_PARMS& ecc = out.publicArea.parameters.eccDetail;
  ecc.symmetric.algorithm = TPM2_ALG_AES;
  ecc.symmetric.keyBits.aes = 128;
  ecc.symmetric.mode.aes = TPM2_ALG_CFB;
  ecc.scheme.scheme = TPM2_ALG_NULL;
  ecc.curveID = TPM2_ECC_NIST_P256;
  ecc.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

TPM2B_PUBLIC signing_key() {
  TPM2B_PUBLIC out = shape(TPM2_ALG_ECC, TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_SIGN_ENCRYPT);
  TPMS_ECC_PARMS& ecc = out.publicArea.parameters.eccDetail;
  ecc.symmetric.algorithm = TPM2_ALG_NULL;
  ecc.scheme.scheme = TPM2_ALG_ECDSA;
  ecc.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  ecc.curveID = TPM2_ECC_NIST_P256;
  ecc.kdf.scheme = TPM2_ALG_NULL;
  return out;
}

TPM2B_PUBLIC decryption_key() {
  TPM2B_PUBLIC out = shape(TPM2_ALG_RSA, TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_DECRYPT | TPMA_OBJECT_SIGN_ENCRYPT);
  TPMS_RSA_PARMS& rsa = out.publicArea.parameters.rsaDetail;
  rsa.symmetric.algorithm = TPM2_ALG_NULL;
  rsa.scheme.scheme = TPM2_ALG_NULL;  // named with each use
  rsa.keyBits = 2048;
  rsa.exponent = 0;  // 65537
  return out;
}

TPM2B_PUBLIC sealed_data() {
  TPM2B_PUBLIC out = shape(TPM2_ALG_KEYEDHASH, 0);
  out.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return out;
}

Result<TPM2B_AUTH> auth_of(const SecretBytes& secret) {
  TPM2B_AUTH out{};
  if (secret.size() > 32) return Error{Code::invalid, "module.tpm_auth", "an authorisation has 32 bytes at most"};
  out.size = static_cast<UINT16>(secret.size());
  std::ranges::copy(secret.reveal(), out.buffer);
  return out;
}

void write(wire::FieldWriter& out, const Wrapped& object) {
  out.field(marshalled(object.public_part, Tss2_MU_TPM2B_PUBLIC_Marshal)).field(marshalled(object.private_part, Tss2_MU_TPM2B_PRIVATE_Marshal));
}

Result<Wrapped> read_wrapped(wire::FieldReader& in) {
  const ByteView public_part = TF_TRY(in.field(kMaxPart));
  const ByteView private_part = TF_TRY(in.field(kMaxPart));
  Wrapped out;
  std::size_t public_size = 0;
  std::size_t private_size = 0;
  if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(public_part.data(), public_part.size(), &public_size, &out.public_part) != TSS2_RC_SUCCESS ||
      Tss2_MU_TPM2B_PRIVATE_Unmarshal(private_part.data(), private_part.size(), &private_size, &out.private_part) != TSS2_RC_SUCCESS ||
      public_size != public_part.size() || private_size != private_part.size())
    return Error{Code::integrity, "module.state", "not a wrapped object of a TPM"};
  return out;
}

Result<crypto::PublicKey> public_key_of(const TPM2B_PUBLIC& object) {
  const Error other{Code::integrity, "module.state", "not a key of this module"};
  const TPMT_PUBLIC& area = object.publicArea;
  if (area.type == TPM2_ALG_RSA) {
    const TPM2B_PUBLIC_KEY_RSA& n = area.unique.rsa;
    auto key = crypto::PublicKey::from_rsa_numbers({.modulus = Bytes(n.buffer, n.buffer + n.size), .exponent = {1, 0, 1}});
    return key ? std::move(key) : other;
  }
  const TPMS_ECC_POINT& point = area.unique.ecc;
  if (area.type != TPM2_ALG_ECC || point.x.size > 32 || point.y.size > 32) return other;
  crypto::EcPoint sec1{};
  sec1[0] = 4;
  std::copy(point.x.buffer, point.x.buffer + point.x.size, sec1.begin() + 1 + (32 - point.x.size));
  std::copy(point.y.buffer, point.y.buffer + point.y.size, sec1.begin() + 33 + (32 - point.y.size));
  auto key = crypto::PublicKey::from_point(sec1);
  return key ? std::move(key) : other;
}

}  // namespace tf::module::tpm
