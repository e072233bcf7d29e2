// What a device that onboards knows of the world when it leaves the factory: DIRECTORY/device.json. Nothing in it is secret; keys and
// credentials are in its secure module.
//
//   {"dsim_id": "M2M-0001", "registration": [{"name": "reg-1", "url": "https://reg.example:8450"}],   name: of its certificate
//    "phlr": {"url": "https://phlr.example:8450", "realm": "onboard"},        left out: the device has a network already
//    "ocsp": ["http://ocsp.example:8080/ocsp"], "root": "root.crt",           a file beside it, or an absolute path
//    "operators": ["op-1"],                                                   left out: any operator under the root
//    "authenticate": {"url": "https://hss.example:8450", "realm": "hss"},      left out: no first use, unless the operator's item "authenticate"
//                                                                             says the same
//    "info": {"manufacturer": "Trustferry", "model": "reference", "language": "en"},
//    "module": {"kind": "software"}}                                          or {"kind": "tpm", "tcti": "device:/dev/tpmrm0"},
//                                                                             {"kind": "uicc", "reader": "Virtual PCD 00 00"} ("": the first with
//                                                                             a card), {"kind": "uicc", "card": "DIR"} (a card of this process);
//                                                                             both with "card_root": its manufacturer's root, a file as root is
//
// Reading is strict. Errors: Code::not_found "terminal.no_device"; Code::invalid "terminal.profile" with the file and what is wrong.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "base/secret.hpp"
#include "module/module.hpp"
#include "pki/certificate.hpp"

namespace tf::terminal {

enum class ModuleKind { software, tpm, uicc };

struct OnboardProfile {
  struct Server {
    std::string name, url;
    friend bool operator==(const Server&, const Server&) = default;
  };
  std::string dsim_id;
  std::vector<Server> registration;  // in the order to ask, 1 to 8
  struct Aka {  // who authenticates by HTTP Digest AKA
    std::string url, realm;
    friend bool operator==(const Aka&, const Aka&) = default;
  };
  std::optional<Aka> phlr{};
  std::vector<std::string> ocsp;  // URLs of responders, in the order to ask, 1 to 8
  std::string root = "root.crt";  // PEM
  std::vector<std::string> operators{};  // those the owner allows, up to 8; empty: any
  std::optional<Aka> authenticate{};  // the operator's HSS
  std::string manufacturer = "Trustferry", model = "reference", language = "en";
  ModuleKind module = ModuleKind::software;
  std::string tcti{};
  std::string reader{}, card{};  // uicc: where the card is; card: a directory, relative to the device's or absolute
  std::string card_root{};       // PEM; empty: the factory believes the card that is there

  friend bool operator==(const OnboardProfile&, const OnboardProfile&) = default;
};

inline std::string onboard_profile_path(const std::string& directory) { return directory + "/device.json"; }

// A file of the profile: beside it, unless its path is absolute.
inline std::string onboard_path(const std::string& directory, const std::string& file) { return file.starts_with('/') ? file : directory + "/" + file; }

std::string encode(const OnboardProfile& profile);
Result<OnboardProfile> decode_onboard_profile(std::string_view text);
Result<OnboardProfile::Aka> decode_onboard_aka(std::string_view text);  // {"url", "realm"}
// Also Code::invalid for one that decode_onboard_profile() would not take.
Status write_onboard_profile(const std::string& directory, const OnboardProfile& profile);
Result<OnboardProfile> read_onboard_profile(const std::string& directory);

Result<pki::Certificate> onboard_root(const std::string& directory, const OnboardProfile& profile);

// The profile's module, whatever its kind. Errors of module/software, module/tpm and module/uicc, pcsc/reader.hpp and card/software_card.hpp.
Result<std::unique_ptr<module::SecureModule>> create_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                    Random& random);
Result<std::unique_ptr<module::SecureModule>> open_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                  Random& random);
Status remove_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key, Random& random);  // for good

}  // namespace tf::terminal
