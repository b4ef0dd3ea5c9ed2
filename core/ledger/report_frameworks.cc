// What each framework asks for that a record of temporary access can show, and what it cannot.
#include "core/base/error.h"
#include "core/ledger/report.h"

namespace prodaccess {
namespace {

const std::vector<std::string> kNotCovered{
    "access that did not go through prodaccess (compare with `audit reconcile`)",
    "whether the people named are who they say: that is the identity provider's",
    "standing access, accounts and roles as the provider holds them",
    "hosts whose ledger is not part of this report",
    "criteria of this framework that are not listed under Criteria",
};

const std::vector<Framework>& frameworks() {
  static const std::vector<Framework> all{
      {"soc2",
       "SOC 2 (Trust Services Criteria, 2017 with revised points of focus 2022)",
       {{"CC6.1", "logical access is restricted to what is authorized",
         "Grants; Population; Sample of commands: rule"},
        {"CC6.2", "access is authorized before it is given and removed when no longer needed",
         "Grants: asked, given, ended early; Times"},
        {"CC6.3", "access follows roles, least privilege and segregation of duties",
         "Grants: role; Exceptions: self-approval"},
        {"CC7.2", "anomalies are monitored", "Events: anomaly; Population: refused"},
        {"CC7.3", "security events are evaluated", "Events; Break-glass"},
        {"CC8.1", "changes are authorized", "Sample of commands: effect, confirmed, approved by"}},
       kNotCovered},
      {"hipaa",
       "HIPAA Security Rule (45 CFR Part 164, Subpart C)",
       {{"164.308(a)(3)", "workforce access is authorized and ended", "Grants; Times"},
        {"164.308(a)(4)", "access is authorized and modified by rule",
         "Grants; Events: policy_changed"},
        {"164.308(a)(5)(ii)(C)", "log-in is monitored", "Events; Population: refused"},
        {"164.312(a)(2)(ii)", "emergency access has a procedure", "Break-glass"},
        {"164.312(b)", "activity in systems with health data is recorded",
         "Population; Sample of commands"},
        {"164.312(c)(1)", "records are protected from improper alteration", "Integrity"}},
       kNotCovered},
      {"gdpr",
       "GDPR (Regulation (EU) 2016/679)",
       {{"Art. 5(1)(f)", "personal data is protected against unauthorized access",
         "Grants; Population: refused"},
        {"Art. 5(2)", "compliance can be shown", "Integrity"},
        {"Art. 25", "access is limited by default", "Grants: role; Times: length asked for"},
        {"Art. 32(1)(b)", "confidentiality and integrity are ensured",
         "Sample of commands; Exceptions"},
        {"Art. 32(1)(d)", "measures are tested and evaluated", "Sample of commands; Exceptions"},
        {"Art. 33(3)", "what happened in a breach can be told", "Sample of commands; Events"}},
       kNotCovered},
      {"pci",
       "PCI DSS v4.0.1",
       {{"7.2.1", "access follows need to know", "Grants: role"},
        {"7.2.5", "application accounts have least privilege", "Grants: class ci"},
        {"8.2.6", "access is removed when no longer needed", "Grants: ended early; Times"},
        {"10.2.1", "audit logs record what individuals do", "Population; Sample of commands"},
        {"10.2.1.2", "administrative actions are recorded", "Sample of commands: effect"},
        {"10.2.2", "logs name user, event, time, result, origin, object", "Sample of commands"},
        {"10.3.2", "logs are protected from modification", "Integrity"},
        {"10.3.4", "changes to logs are noticed", "Integrity"},
        {"10.4.1", "logs are reviewed", "Sample of commands; Exceptions"}},
       kNotCovered},
      {"iso27001",
       "ISO/IEC 27001:2022, Annex A",
       {{"A.5.3", "duties are segregated", "Exceptions: self-approval"},
        {"A.5.15", "access is controlled by rules", "Grants: role; Sample of commands: rule"},
        {"A.5.18", "access rights are given, reviewed and removed", "Grants; Times; Break-glass"},
        {"A.5.28", "evidence is collected and preserved", "Integrity"},
        {"A.8.2", "privileged access is restricted and managed", "Grants; Population"},
        {"A.8.15", "logs are kept and protected", "Integrity"},
        {"A.8.16", "unusual behaviour is noticed", "Events: anomaly; Population: refused"}},
       kNotCovered},
  };
  return all;
}

}  // namespace

std::vector<std::string> framework_names() {
  std::vector<std::string> names;
  for (const Framework& framework : frameworks()) names.push_back(framework.name);
  return names;
}

const Framework& framework_named(const std::string& name) {
  for (const Framework& framework : frameworks()) {
    if (framework.name == name) return framework;
  }
  throw Error(ErrorCode::Usage, "no framework is called " + name,
              {"prodaccess audit report --framework soc2"});
}

}  // namespace prodaccess
