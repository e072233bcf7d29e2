// The phone's side of wallet: what to send, and what an answer means. No I/O.
//
//   read_platform_keys                  the platform's certificates, believed
//   begin_register, finish_register     S02–S04: a registration; the confirmation code comes by SMS
//   begin_activate, finish_activate     S07: both codes; the certificate, or the platform prepares a file
//   begin_fetch, finish_fetch           the stated way: the certificate file, its MAC verified with both codes (S08)
//   (certificate_file.hpp)              S08–S09, S31–S33: the file made, its MAC replaced, opened
//   begin_login, finish_login           S34–S39
//   begin_pay, begin_query, begin_refund, finish_result   S44–S46; a direct order's result has the tn that the phone pays at the network's
//                                       gateway, and a query brings back what the gateway gave
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "pki/certificate.hpp"
#include "protocols/wallet/keys.hpp"

namespace tf::wallet {

// The platform as a phone believes it: its keys, certified to the root pinned in the phone.
struct KnownPlatform {
  std::string name;
  std::string encryption_kid;
  crypto::PublicKey encryption_key;
  std::vector<std::pair<std::string, crypto::PublicKey>> result_keys;  // by kid
};
enum class PlatformKeyUse { encryption, results };
// Validates a chain up to the pinned root for this use and platform; its leaf's key.
using VerifyChain = std::function<Result<crypto::PublicKey>(const std::vector<Bytes>& chain, PlatformKeyUse use, const std::string& platform)>;
// Code::refused "wallet.other_platform" when they are another platform's. The first encryption key of this kind is taken.
Result<KnownPlatform> read_platform_keys(std::string_view body, std::string_view platform, crypto::KeyKind kind, const VerifyChain& verify);

struct RegisterOptions {
  Suite suite = Suite::modern;
  KeyMaker key_maker = KeyMaker::phone;
  crypto::ScryptCost cost = kPasswordCost;
};
// What lives from register to the end of activation.
struct RegisterUnderWay {
  RegisterOptions options;
  Subscriber subscriber;
  std::string nonce_p;
  Secret<32> response_key;
  std::optional<crypto::PrivateKey> key;
  std::string body;  // POST register
};
Result<RegisterUnderWay> begin_register(const KnownPlatform& platform, const Subscriber& subscriber, const Person& person, const SecretBytes& password,
                                        const RegisterOptions& options, const Challenge& challenge, Random& random);
// Code::refused "wallet.platform_answer" when it was not made for this request.
Result<Registered> finish_register(const RegisterUnderWay& sent, std::string_view body);

// Both codes together, stretched. Slow.
Result<Secret<32>> codes_of(const KnownPlatform& platform, const Registered& registered, const SecretBytes& confirmation_code, const RegisterOptions& options);

struct ActivateUnderWay {
  std::string registration;
  std::string nonce_p;
  std::string body;     // POST activate, or registration
};
Result<ActivateUnderWay> begin_activate(const KnownPlatform& platform, const RegisterUnderWay& registering, const Registered& registered,
                                        const Secret<32>& codes, const Challenge& challenge, Random& random);
// Nothing: the platform made the key and prepares the file. Code::refused "wallet.platform_mac"; "wallet.other_certificate".
Result<std::optional<pki::Certificate>> finish_activate(const KnownPlatform& platform, const RegisterUnderWay& registering, const ActivateUnderWay& sent,
                                                        const Secret<32>& codes, std::string_view body);
ActivateUnderWay begin_fetch(const KnownPlatform& platform, const RegisterUnderWay& registering, const Registered& registered, const Secret<32>& codes,
                             const Challenge& challenge);
// Nothing: not ready yet. Code::refused "wallet.platform_mac": not made by whoever knows both codes.
Result<std::optional<Bytes>> finish_fetch(const KnownPlatform& platform, const RegisterUnderWay& registering, const ActivateUnderWay& sent,
                                          const Secret<32>& codes, std::string_view body);

// What S33 opened.
struct UserKey {
  crypto::PrivateKey key;
  pki::Certificate certificate;
};
struct LoginUnderWay {
  Suite suite = Suite::modern;
  Secret<32> r;
  std::optional<crypto::PrivateKey> ephemeral;
  std::string nonce_p;
  std::string body;  // POST login
};
Result<LoginUnderWay> begin_login(const KnownPlatform& platform, Suite suite, const Subscriber& subscriber, const UserKey& user, const SecretBytes& password,
                                  const Challenge& challenge, std::int64_t now_ms, Random& random);  // challenge: unused in classic
// S39, cached until it ends.
struct PhoneSession {
  Suite suite = Suite::modern;
  std::string id;
  std::string number;
  Hash256 certificate{};
  Secret<32> message_key;
  SecretBytes pin_key;
  std::int64_t expires_in_s = 0;
};
// Code::refused "wallet.platform_answer": not sealed by the platform we asked, or the digest is wrong.
Result<PhoneSession> finish_login(const KnownPlatform& platform, const Subscriber& subscriber, const UserKey& user, const LoginUnderWay& sent,
                                  std::string_view body);

struct Purchase {
  OrderTerms terms;
  std::string content;             // what is bought, for people; "" is fine
  std::int64_t expires_ms = 0;     // modern
  bool critical = false;           // sealed under the message key
  SecretBytes pin;                 // empty: the instrument has none
  SecretBytes pan;                 // digits of card or account the PIN is of
};
struct RequestUnderWay {
  std::string order;
  std::string refund;
  std::int64_t amount = 0;  // of a payment or refund; 0 for a query
  Hash256 request{};
  std::string body;
};
Result<RequestUnderWay> begin_pay(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, const Purchase& purchase,
                                  const Challenge& challenge, Random& random);  // challenge: unused in classic
Result<RequestUnderWay> begin_query(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, std::string_view order,
                                    const Challenge& challenge, std::int64_t now_ms, Random& random,  // now_ms: classic
                                    std::string_view returned = {});  // of a direct order: what the network's gateway gave the phone
Result<RequestUnderWay> begin_refund(const KnownPlatform& platform, const PhoneSession& session, const UserKey& user, std::string_view order,
                                     std::string_view refund, std::int64_t amount, const Challenge& challenge, std::int64_t now_ms, Random& random);
// Code::refused "wallet.platform_signature": not signed by the platform; "wallet.other_answer": signed, but for another request,
// order or amount.
Result<ResultClaim> finish_result(const KnownPlatform& platform, const RequestUnderWay& sent, std::string_view body);

}  // namespace tf::wallet
