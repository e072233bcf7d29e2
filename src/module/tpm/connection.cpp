#include "module/tpm/connection.hpp"

#include <tss2/tss2_rc.h>
#include <tss2/tss2_sys.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>

#include "module/tpm/objects.hpp"

namespace tf::module::tpm {
namespace {

constexpr const char* kKinds[] = {"swtpm:", "device:"};

// The TSS would write its own lines to standard error; what it has to say comes with our errors.
void silence() {
  static std::once_flag once;
  std::call_once(once, [] { ::setenv("TSS2_LOG", "all+none", 0); });
}

// About a parameter, handle or session: neither the TPM's own state nor the TSS's.
bool is_about_input(TSS2_RC rc) { return (rc & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER && (rc & TPM2_RC_FMT1) != 0; }

}  // namespace

Error tpm_error(const char* what, TSS2_RC rc) { return {Code::unavailable, "module.tpm", std::string(what) + ": " + Tss2_RC_Decode(rc)}; }

Error object_error(const char* what, TSS2_RC rc) {
  if (!is_about_input(rc)) return tpm_error(what, rc);
  return {Code::integrity, "module.state", std::string(what) + ", which was altered or belongs to another storage key: " + Tss2_RC_Decode(rc)};
}

bool is_value_refused(TSS2_RC rc) {
  if (!is_about_input(rc)) return false;
  const TSS2_RC plain = rc & (TPM2_RC_FMT1 | 0x3F);
  return plain == TPM2_RC_VALUE || plain == TPM2_RC_SIZE;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& tcti, const SecretBytes& owner_auth) {
  if (std::ranges::none_of(kKinds, [&](const char* kind) { return tcti.starts_with(kind); }))
    return Error{Code::invalid, "module.tcti", "swtpm:host=…,port=… or device:/dev/tpmrm0, not " + tcti};
  silence();
  std::unique_ptr<Connection> made(new Connection);
  TF_CHECK(made->start(tcti, owner_auth));
  return made;
}

Status Connection::start(const std::string& tcti, const SecretBytes& owner_auth) {
  if (const TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_); rc != TSS2_RC_SUCCESS) return tpm_error("no line to the TPM", rc);
  if (const TSS2_RC rc = Esys_Initialize(&esys_, tcti_, nullptr); rc != TSS2_RC_SUCCESS) return tpm_error("no context", rc);
  // A TPM behind an operating system was started by it.
  if (const TSS2_RC rc = Esys_Startup(esys_, TPM2_SU_CLEAR); rc != TSS2_RC_SUCCESS && rc != TPM2_RC_INITIALIZE) return tpm_error("startup", rc);
  flush_leftovers(TPM2_TRANSIENT_FIRST);
  flush_leftovers(TPM2_LOADED_SESSION_FIRST);
  const TPM2B_AUTH auth = TF_TRY(auth_of(owner_auth));
  if (const TSS2_RC rc = Esys_TR_SetAuth(esys_, ESYS_TR_RH_OWNER, &auth); rc != TSS2_RC_SUCCESS) return tpm_error("owner", rc);
  TF_CHECK(make_primary());
  return start_session();
}

void Connection::flush_leftovers(TPM2_HANDLE first) const {
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA* found = nullptr;
  if (Esys_GetCapability(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_HANDLES, first, 64, &more, &found) != TSS2_RC_SUCCESS) return;
  const EsysMemory<TPMS_CAPABILITY_DATA> kept(found);
  TSS2_SYS_CONTEXT* sys = nullptr;
  if (Esys_GetSysContext(esys_, &sys) != TSS2_RC_SUCCESS) return;
  const TPML_HANDLE& handles = found->data.handles;
  // A session is listed by its number with the type "loaded"; ours are of the type HMAC, whose number begins with the same value.
  for (UINT32 i = 0; i < handles.count; ++i) (void)Tss2_Sys_FlushContext(sys, handles.handle[i]);
}

Status Connection::make_primary() {
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_PUBLIC shape = storage_primary();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  TPM2B_PUBLIC* made = nullptr;
  const TSS2_RC rc = Esys_CreatePrimary(esys_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &shape, &outside, &pcrs,
                                        &primary_, &made, nullptr, nullptr, nullptr);
  const EsysMemory<TPM2B_PUBLIC> kept(made);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("storage primary", rc);
  TPM2B_NAME* name = nullptr;
  if (const TSS2_RC named = Esys_TR_GetName(esys_, primary_, &name); named != TSS2_RC_SUCCESS) return tpm_error("storage primary", named);
  const EsysMemory<TPM2B_NAME> kept_name(name);
  primary_name_.assign(name->name, name->name + name->size);
  return {};
}

Status Connection::start_session() {
  TPMT_SYM_DEF cipher{};
  cipher.algorithm = TPM2_ALG_AES;
  cipher.keyBits.aes = 128;
  cipher.mode.aes = TPM2_ALG_CFB;
  const TSS2_RC rc = Esys_StartAuthSession(esys_, primary_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nullptr, TPM2_SE_HMAC, &cipher,
                                           TPM2_ALG_SHA256, &session_);
  if (rc != TSS2_RC_SUCCESS) return tpm_error("session", rc);
  return {};
}

ESYS_TR Connection::session(Encrypt encrypt) const {
  TPMA_SESSION flags = TPMA_SESSION_CONTINUESESSION;
  if (encrypt == Encrypt::to || encrypt == Encrypt::both) flags |= TPMA_SESSION_DECRYPT;
  if (encrypt == Encrypt::from || encrypt == Encrypt::both) flags |= TPMA_SESSION_ENCRYPT;
  (void)Esys_TRSess_SetAttributes(esys_, session_, flags, 0xFF);
  return session_;
}

Status Connection::with_loaded(const TPM2B_PUBLIC& public_part, const TPM2B_PRIVATE& private_part, const TPM2B_AUTH& auth,
                               const std::function<Status(ESYS_TR)>& use) {
  ESYS_TR object = ESYS_TR_NONE;
  if (const TSS2_RC rc = Esys_Load(esys_, primary_, session(Encrypt::both), ESYS_TR_NONE, ESYS_TR_NONE, &private_part, &public_part, &object);
      rc != TSS2_RC_SUCCESS)
    return object_error("loading an object", rc);
  const TSS2_RC set = Esys_TR_SetAuth(esys_, object, &auth);
  Status done = set == TSS2_RC_SUCCESS ? use(object) : Status(tpm_error("authorisation", set));
  if (const TSS2_RC rc = Esys_FlushContext(esys_, object); rc != TSS2_RC_SUCCESS && done) done = tpm_error("flushing a key", rc);
  return done;
}

Connection::~Connection() {
  if (esys_ != nullptr) {
    if (session_ != ESYS_TR_NONE) (void)Esys_FlushContext(esys_, session_);
    if (primary_ != ESYS_TR_NONE) (void)Esys_FlushContext(esys_, primary_);
    Esys_Finalize(&esys_);
  }
  if (tcti_ != nullptr) Tss2_TctiLdr_Finalize(&tcti_);
}

}  // namespace tf::module::tpm
