#include "module/tpm/counter.hpp"

#include "crypto/digest.hpp"

namespace tf::module::tpm {
namespace {

constexpr TPM2_HANDLE kFirst = 0x01A0'0000;  // in the owner's range, 01800000–01BFFFFF (TCG registry of handles)
constexpr TPM2_HANDLE kPlaces = 0x1'0000;
constexpr TPM2_HANDLE kTries = 16;

TPM2B_NV_PUBLIC shape(TPM2_HANDLE index) {
  TPM2B_NV_PUBLIC out{};
  out.nvPublic.nvIndex = index;
  out.nvPublic.nameAlg = TPM2_ALG_SHA256;
  out.nvPublic.attributes = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA | (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT);
  out.nvPublic.dataSize = 8;
  return out;
}

}  // namespace

Result<Counter> Counter::find(Connection& connection, const TPM2B_AUTH& auth, TPM2_HANDLE index) {
  ESYS_TR handle = ESYS_TR_NONE;
  const Error other{Code::integrity, "module.other_tpm", "this TPM has not the module's counter: it is another one, or was cleared"};
  const TSS2_RC rc = Esys_TR_FromTPMPublic(connection.esys(), index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle);
  if (rc != TSS2_RC_SUCCESS && (rc & TSS2_RC_LAYER_MASK) != TSS2_TPM_RC_LAYER) return tpm_error("counter", rc);
  if (rc != TSS2_RC_SUCCESS) return other;
  if (const TSS2_RC set = Esys_TR_SetAuth(connection.esys(), handle, &auth); set != TSS2_RC_SUCCESS) return tpm_error("counter", set);
  Counter found(connection, index, handle);
  TPM2B_MAX_NV_BUFFER* read = nullptr;
  const TSS2_RC said = found.read(&read);
  const EsysMemory<TPM2B_MAX_NV_BUFFER> kept(read);
  if (said == TSS2_RC_SUCCESS) return found;
  if (said != TPM2_RC_NV_UNINITIALIZED) return object_error("the counter", said);
  // Made, and cut off before its first step: a counter cannot be read before that.
  (void)TF_TRY(found.increment());
  return found;
}

Result<Counter> Counter::make(Connection& connection, const TPM2B_AUTH& auth, std::string_view dsim_id) {
  const Hash256 hash = crypto::sha256(as_bytes(dsim_id));
  const TPM2_HANDLE begin = static_cast<TPM2_HANDLE>(hash[0] << 8 | hash[1]);
  TSS2_RC last = TSS2_RC_SUCCESS;
  for (TPM2_HANDLE i = 0; i < kTries; ++i) {
    const TPM2_HANDLE index = kFirst + (begin + i) % kPlaces;
    const TPM2B_NV_PUBLIC wanted = shape(index);
    ESYS_TR handle = ESYS_TR_NONE;
    last = Esys_NV_DefineSpace(connection.esys(), ESYS_TR_RH_OWNER, connection.session(Connection::Encrypt::to), ESYS_TR_NONE, ESYS_TR_NONE, &auth,
                               &wanted, &handle);
    if (last != TSS2_RC_SUCCESS && last != TPM2_RC_NV_DEFINED) return tpm_error("making the counter", last);
    auto found = find(connection, auth, index);
    if (found || found.error().code != Code::integrity) return found;  // another module's: the next place
  }
  return tpm_error("making the counter", last);
}

TSS2_RC Counter::read(TPM2B_MAX_NV_BUFFER** out) const {
  return Esys_NV_Read(connection_->esys(), handle_, handle_, connection_->session(Connection::Encrypt::from), ESYS_TR_NONE, ESYS_TR_NONE, 8, 0, out);
}

Result<std::uint64_t> Counter::value() {
  TPM2B_MAX_NV_BUFFER* read = nullptr;
  const TSS2_RC rc = this->read(&read);
  const EsysMemory<TPM2B_MAX_NV_BUFFER> kept(read);
  if (rc != TSS2_RC_SUCCESS || kept->size != 8) return tpm_error("reading the counter", rc);
  std::uint64_t out = 0;
  for (int i = 0; i < 8; ++i) out = out << 8 | kept->buffer[i];
  return out;
}

Result<std::uint64_t> Counter::increment() {
  const TSS2_RC rc = Esys_NV_Increment(connection_->esys(), handle_, handle_, connection_->session(Connection::Encrypt::neither), ESYS_TR_NONE, ESYS_TR_NONE);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("the counter's step", rc);
  return value();
}

Status Counter::remove() {
  const TSS2_RC rc = Esys_NV_UndefineSpace(connection_->esys(), ESYS_TR_RH_OWNER, handle_, connection_->session(Connection::Encrypt::neither), ESYS_TR_NONE,
                                           ESYS_TR_NONE);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("removing the counter", rc);
  return {};
}

}  // namespace tf::module::tpm
