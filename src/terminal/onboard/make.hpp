// The factory's work on a device, in its two visits: make, whose certificate requests go to the maker's authority; certify, with what
// the authority answered and the preliminary credential that the PHLR knows too. And its end.
#pragma once
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "module/module.hpp"
#include "terminal/onboard/profile.hpp"

namespace tf::terminal {

struct MadeOnboardDevice {
  pki::CertificateRequest signing;     // profile onboard-module
  pki::CertificateRequest decryption;  // profile onboard-module-decryption
};
// A new device in DIRECTORY: its module with two keys, device.json and root.crt. Interrupted, it is begun again: the profile comes last.
// Code::conflict "terminal.exists".
Result<MadeOnboardDevice> make_onboard_device(const std::string& directory, OnboardProfile profile, const pki::Certificate& root, Secret<32> storage_key,
                                              Random& random);
// The requests of a device that was made, once more.
Result<MadeOnboardDevice> onboard_requests(module::SecureModule& module);

// The preliminary credential as a file has it: {"pimsi": DIGITS, "k": HEX, "opc": HEX}. Code::malformed "terminal.preliminary".
Result<module::Credential> decode_preliminary(const SecretBytes& text);

struct OnboardCertificates {
  std::vector<pki::Certificate> signing;     // leaf first, those above it behind; the root may be missing
  std::vector<pki::Certificate> decryption;
};
// Code::refused "onboard.other_module" and the reasons of pki/path/path.hpp when a chain is not this module's under its root;
// Code::invalid "module.certificate" when it is for another key; Code::conflict "module.credential_present".
Status certify_onboard_device(const std::string& directory, module::SecureModule& module, const OnboardCertificates& certificates,
                              module::Credential preliminary, const Clock& clock);

// For good: the module goes with its keys and credentials, then the profile; its card or TPM may be another device's. What was interrupted is said again.
// Code::not_found "terminal.no_device"; errors of the module's remove(): the profile stays then.
Status retire_onboard_device(const std::string& directory, Secret<32> storage_key, Random& random);

}  // namespace tf::terminal
