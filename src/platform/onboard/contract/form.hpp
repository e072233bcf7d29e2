// The web form of the contract front end: one page, no script, labels and headings that a screen reader says.
#pragma once
#include <string>
#include <string_view>

#include "wire/http.hpp"

namespace tf::platform::contract {

struct FormValues {
  std::string token, dsim_id, plan;
  bool ask_status = false;
};
// Of a POST, application/x-www-form-urlencoded. Code::malformed "onboard.form".
Result<FormValues> read_form(const wire::HttpRequest& request);

struct FormPage {
  std::string operator_id;
  FormValues values{};      // the token is not shown again
  std::string message{};    // empty: the form alone
  bool bad = false;
};
wire::HttpResponse form_page(const FormPage& page);

}  // namespace tf::platform::contract
