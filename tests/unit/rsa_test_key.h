// A key made for the tests, which guards nothing.
#pragma once

namespace prodaccess {

inline constexpr const char* kTestRsaKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDA/njB10BcnPsk\n"
    "jQdvMwGRxLWPMYJ0hx3BgTCR1coXSXlZ7a7Fa0WM+QfgMcEPMjS/qYhYADaE7FYe\n"
    "7sZqZd5PyU/lOWwI1LL9wiLq2rtEsF/TOMXr33hsi65OG+1pTkPIyr4G26a1/hL7\n"
    "7+s6jcGw2VvQbR637eDEFeyAWCwF1t+wN9HLBczxrgAQ7EjVKbW2vQqOJAUvw0sZ\n"
    "s/To232/OPcka30dBFwAPPpj3rL/FSsFrSfl7jnSKnGRoYbOFmaeflA+m8g/0wHq\n"
    "KqT0nPbYXf5e6gWeTdSG5m6SRDtxqCExNmjs5PwXrkX83jIH7bG7GwqJJVP4RTev\n"
    "fw8PtXhdAgMBAAECggEABlXEEn7VlMStZMGBWzfWJxoJKKpkIR2XTzUFql/VaqbF\n"
    "hjtsV3wiNBKvnL8dWnmYLCttN5BIOdxFJm5JkpAF+GIADqLwJikPOA+xlDp6V7Kf\n"
    "bqBINOoouo1qOxOlGyYPyQ1IqBJ5OjOdHWp+cvVYxIyZ/DE8xyZWkLE0inD6fvWE\n"
    "TyyARYEq2g8ENMMcLkgrY76JqnSLpa+Qe/GMpxh0eUS+qYS7o6sggYp2vLAbhHT1\n"
    "O+NyA9K5ZcSu34uvMoxBJ4MIdnV2c9/Hj6Sdei1MVFPG1mlpjSq7yLMWn3D1jBGS\n"
    "GjUFI1v/LWBLkY720cdcpTvYnouuD6i8uvxFn4t8sQKBgQDv2uD+S8mYmSe0g/XH\n"
    "Y/GMq32d4wWe3bquf3Xt3PwPfs7jhEYgkBZAcQ6z0T8p8r04Lp7Yny84/at8Aha8\n"
    "3B67Qgj5+VlzCQJnbj3j7Y6Kns06nTfIk32NRdv1C1FTz29BEq4F5EjXvONVx2mE\n"
    "/JqFbgS67ddGPMHvJqVBLM7QzQKBgQDN/BivQrsL43GWVs9NPl1MP6V6afDXC8Sz\n"
    "oNAmFpmKEjdUxt0FKAQDQ2GIJ1zXQPHaZ1o+WKgwORJTGQK+BHpO1hWaoyjRWeR0\n"
    "WoYw4hLqDZUHcg4cfHR5qKVnpM7olRac2dM6FP/rbZF/Uw2iz5/gwQ3hIKOh0W7U\n"
    "EOXer+0F0QKBgQC9I/0IivsOOrf0wZqvAUEZjKIiP0PPY0ozEJAOYpTiIz1CbKxg\n"
    "QT9K0dymL/t/OMu94gWhDOZQKrlvsLX9eBdD028AsIC5FgGvTl+/vTUKWu+7qP60\n"
    "TJpVLSGmuqYHUSyKRBC21K4ccfdTTU0IcanoTjmsrqFz4bWMwQzPuGXegQKBgDw6\n"
    "2ZDtpznLsJvwGD+S277+4UkRDy4iL8sCW7q3Yv/fYbR1TY1DbSDzI+Km99utDsr4\n"
    "64dNbyhil7walRWww36n1LtZuAa3DTkEezZx9GvhutDphbzIm1ozeOH8a8/QQENu\n"
    "4feaylYxvJiJVXRk12/lo0RPwekADzMNGdnqgRjxAoGAIhhmex+mEDSOIAbysjUO\n"
    "MlgjFNF0XlQLT3FRQS7ZVcqxFs3qE/UARtIw2/+PJsiS5jeXIvhpl+xrs2s3db/h\n"
    "DmgUk6z0rnOZxtFxIbBx8MDnH4nrcSh19vCdK/iPcfM2tj+VhGePgWrgk/Id8sjo\n"
    "iJ4K+Nep+SwSr/lOkrvlyIE=\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace prodaccess
