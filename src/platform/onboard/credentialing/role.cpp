#include "platform/onboard/credentialing/role.hpp"

namespace tf::platform {

Result<std::unique_ptr<OnboardRole>> CredentialingRole::open(OnboardOpened& opened) {
  auto desk = TF_TRY(credentialing::Desk::open(opened));
  return std::unique_ptr<OnboardRole>(new CredentialingRole(std::move(desk)));
}

std::vector<OnboardRoute> CredentialingRole::routes() {
  const std::vector<std::string> contract{std::string(onboard_role::contract)}, provisioning{std::string(onboard_role::provisioning)};
  std::vector<OnboardRoute> out{
      {.path = "/onboard/v1/subscriptions", .from = contract, .handler = [this](const OnboardCall& call, std::string&) { return registrar_.subscribe(call); }, .asks_servers = true},
      {.path = "/onboard/v1/hello", .handler = [this](const OnboardCall& call, std::string& subject) { return devices_.hello(call, subject); },
       .prompt = [this](const OnboardCall& call, std::string& subject) { return devices_.hello_promptly(call, subject); }},
      {.path = "/onboard/v1/request", .handler = [this](const OnboardCall& call, std::string& subject) { return devices_.request(call, subject); }},
      {.path = "/onboard/v1/envelope", .from = provisioning, .prompt = [this](const OnboardCall& call, std::string& subject) { return devices_.envelope(call, subject); }},
      {.path = "/onboard/v1/receipt", .handler = [this](const OnboardCall& call, std::string& subject) { return devices_.receipt(call, subject); },
       .prompt = [this](const OnboardCall& call, std::string&) { return devices_.receipt_promptly(call); }, .asked_by_servers = true}};
  for (OnboardRoute& route : staff_.routes()) out.push_back(std::move(route));
  return out;
}

}  // namespace tf::platform
