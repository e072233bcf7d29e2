// Renewal of the work certificates with an offline root: the platform makes new keys and a request; the root signs it
// elsewhere; the platform installs the answer. Old and new certificates are valid side by side meanwhile.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "pki/crl/crl.hpp"
#include "pki/issue.hpp"
#include "platform/context.hpp"
#include "wire/dsn.hpp"

namespace tf::platform {

struct WorkRequestItem {
  std::string kind;      // "work-classic", "work-modern", "ocsp-root", "authority-NAME"
  std::string key_name;  // in the vault
  Bytes public_key;      // SPKI. No PKCS#10: a key that decrypts signs nothing, not even its own request
};
struct WorkRequest {
  std::vector<WorkRequestItem> items;
  std::vector<wire::DsnRange> ranges;
  Bytes crl;             // the one in force; the answer brings its successor
};
std::string encode(const WorkRequest& request);
Result<WorkRequest> decode_work_request(std::string_view text);

struct WorkAnswerItem {
  std::string kind;
  std::string key_name;
  Bytes certificate;
};
struct WorkAnswer {
  std::vector<WorkAnswerItem> items;
  Bytes crl;
};
std::string encode(const WorkAnswer& answer);
Result<WorkAnswer> decode_work_answer(std::string_view text);

struct RootSigning {
  int work_days = pki::kWorkDays;
  std::int64_t crl_days = 90;
  std::vector<std::string> revoke;  // serials to add to the CRL, hex
};
// What happens at the offline root: certificates for the keys in the request, and the next CRL.
Result<WorkAnswer> sign_work_request(const pki::Issuer& root, const WorkRequest& request, const RootSigning& how,
                                     std::int64_t now_ms, Random& random);

// The request for the next CRL alone: no new keys.
Result<WorkRequest> request_crl(Context& context, const std::string& actor);
// For issuing authorities that the platform lacks, and nothing else. Code::conflict "work.nothing_missing".
Result<WorkRequest> request_authorities(Context& context, const std::string& actor);
// New keys in the vault and the request for them.
Result<WorkRequest> request_work_certificates(Context& context, const std::string& actor, const std::vector<wire::DsnRange>& ranges);
// Verifies the answer against our root and our keys, and takes it into use. Code::refused when something in it is not ours.
Status install_work_certificates(Context& context, const std::string& actor, const WorkAnswer& answer);

}  // namespace tf::platform
