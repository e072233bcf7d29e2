// What a role signs with (a key of the directory's vault and the chain that was installed for it), and whom it believes.
#pragma once
#include "platform/onboard/directory.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/http.hpp"

namespace tf::platform {

inline onboard::Signer onboard_signer(OnboardOpened& opened, std::string_view key) {
  return {[&vault = *opened.vault, name = std::string(key)](ByteView data) { return vault.sign_es256(name, data); },
          onboard::chain_of(opened.chains.find(key)->second)};
}

inline onboard::ChainVerifier onboard_verifier(const OnboardOpened& opened) { return onboard::ChainVerifier({*opened.root}); }

inline onboard::AccessPolicy onboard_access_policy(const OnboardSettings& settings, const OnboardSettings::Access& access) {
  return {.required = access.wanted, .host = onboard::host_of(settings.own_url()).value_or(""), .issuers = {access.from.begin(), access.from.end()}};
}

// Of the request's Authorization; empty without one.
inline std::string authorization_of(const wire::HttpRequest& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "authorization") return value;
  return {};
}

}  // namespace tf::platform
