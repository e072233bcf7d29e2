// The servers of the demo's onboarding. Private to demo_onboard*.cpp.
#pragma once

namespace tf::cli {

inline constexpr const char* kDemoOperator = "op-1";

struct DemoServer {
  const char* name;         // and role
  int place;                // its port, after the first
  const char* key = "";     // what it signs with, besides TLS
  const char* profile = "";
  bool of_operator = false;
};
inline constexpr DemoServer kRegistration{"registration", 0, "registration", "onboard-registration"};
inline constexpr DemoServer kPhlr{"phlr", 1, "access", "onboard-access"};
inline constexpr DemoServer kCredentialing{"credentialing", 2, "operator", "onboard-operator", true};
inline constexpr DemoServer kContract{"contract", 3, "", "", true};
inline constexpr DemoServer kProvisioning{"provisioning", 4};
inline constexpr DemoServer kHss{"hss", 5, "issuer", "onboard-issuer", true};
inline constexpr const DemoServer* kServers[] = {&kRegistration, &kPhlr, &kCredentialing, &kContract, &kProvisioning, &kHss};
// What an access token opens.
inline constexpr const DemoServer* kForDevices[] = {&kRegistration, &kCredentialing, &kProvisioning, &kHss};

}  // namespace tf::cli
