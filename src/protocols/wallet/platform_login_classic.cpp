// S36–S38 as the source has them: c2 is R under our key, c1 the claim under R, and the answer goes to the user's key.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/wallet/platform_steps.hpp"
#include "protocols/wallet/user_key.hpp"
#include "wire/fields.hpp"

namespace tf::wallet {

Result<OpenedLogin> open_login_classic(const LoginRequest& request, const PlatformPorts& ports) {
  const SecretBytes r = TF_TRY(open_jwe(request.classic.c2, typ::login, ports));
  if (r.size() != 32) return Error{Code::malformed, "wallet.r", "R has 32 bytes"};
  OpenedLogin out;
  out.suite = Suite::classic;
  out.r = Secret<32>(r.reveal().first<32>());
  const SecretBytes c1 = TF_TRY(crypto::jwe_open_dir(derive(out.r, ports.platform, label::login_seal), typ::login_claim, request.classic.c1));
  out.classic = TF_TRY(decode_classic_login_content(c1));
  if (out.classic.signature != request.classic.signature) return refused("wallet.wrong_signature", "two different signatures");
  out.number = out.classic.number;
  out.password = out.classic.password.clone();
  TF_CHECK(check_time(out.classic.time_ms, ports));
  // R is its own nonce, for as long as its time could be right.
  const Bytes name = wire::FieldWriter().field("wallet classic r").field(crypto::sha256(out.r.reveal())).take();
  out.once = {crypto::sha256(name), out.classic.time_ms + kClassicWindowMs + 1, "wallet.r_used"};
  return out;
}

Result<Step> login_classic(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports) {
  const Registration& user = *snapshot.user;
  const pki::Certificate certificate = TF_TRY(certificate_of(user, ports));
  const crypto::PublicKey key = TF_TRY(certificate.public_key());
  const Bytes fields = classic_login_fields(request.r, ports.platform, request.number, request.password, request.classic.time_ms);
  if (!verify(key, fields, request.classic.signature)) return refused("wallet.wrong_signature", "not signed by the user's key");
  Step out = TF_TRY(with_password(request, snapshot, ports));
  if (out.refusal) return out;
  NewSession made = TF_TRY(make_session(user, snapshot.policy, ports));
  const SessionBinding binding{ports.platform, request.number, user.thumbprint, {}, {}, {}};
  made.content.digest = session_digest(request.r, binding, made.content.session, made.content.message_key.reveal(), made.content.pin_key.reveal());
  LoginAnswer answer{Suite::classic, {}, {}};
  answer.sealed = TF_TRY(crypto::jwe_seal_to(key, "", ports.random, typ::session, encode(made.content).reveal()));
  out.reply = encode(answer);
  out.writes.session = std::move(made.session);
  return out;
}

}  // namespace tf::wallet
