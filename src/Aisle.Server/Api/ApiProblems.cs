using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <summary>Problem details (RFC 9457): the wrong field and what is allowed.</summary>
internal static class ApiProblems
{
    public static IResult Field(string field, string message) => Fields(new Dictionary<string, string[]> { [field] = [message] });

    public static IResult Fields(IDictionary<string, string[]> errors) =>
        Results.ValidationProblem(errors, detail: errors.First().Value[0], title: "The request is not valid.");

    /// <summary>An expression that is none: beside the sentence, where in the text of the field it goes wrong.</summary>
    public static IResult Expression(string field, ExpressionException wrong) => Results.ValidationProblem(
        new Dictionary<string, string[]> { [field] = [$"{wrong.Problem} (line {wrong.Line}, column {wrong.Column})"] },
        detail: wrong.Message,
        title: "The request is not valid.",
        extensions: new Dictionary<string, object?>
        {
            ["field"] = field, ["line"] = wrong.Line, ["column"] = wrong.Column, ["length"] = wrong.Length, ["excerpt"] = wrong.Excerpt,
        });

    /// <summary>A document of settings that cannot be taken: beside the sentence, where in it.</summary>
    public static IResult Configuration(string field, ConfigurationException wrong) => Results.ValidationProblem(
        new Dictionary<string, string[]> { [field] = [wrong.Message] },
        detail: wrong.Message,
        title: "The document is not valid.",
        extensions: new Dictionary<string, object?> { ["line"] = wrong.Line, ["column"] = wrong.Column });

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static IResult Conflict(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status409Conflict, title: "Not possible now.");
}

/// <summary>What no endpoint expects: told to the operator in the log, to the caller as a plain sentence.</summary>
internal sealed class FailureHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, title, detail) = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                (StatusCodes.Status413PayloadTooLarge, "The request is too large.", "Send smaller batches; docs/api.md names the limits."),
            BadHttpRequestException bad => (bad.StatusCode, "The request is not valid.", bad.Message),
            ObjectDisposedException => (StatusCodes.Status503ServiceUnavailable, "The server is stopping.", "Send the request again in a few seconds."),
            StoreException => (StatusCodes.Status503ServiceUnavailable, "The store does not answer.", "Nothing was stored. Send the request again; the operator finds the reason in the log."),
            _ => (StatusCodes.Status500InternalServerError, "Something went wrong.", "The operator finds the reason in the log."),
        };
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Detail = detail },
        });
    }
}
